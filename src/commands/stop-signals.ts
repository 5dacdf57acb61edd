// How a person or the system asks a command that goes on for long to stop.

/**
 * Calls `stop` at each Ctrl-C and each SIGTERM, as which the others that end a process come (`hearEndingSignals`); where there was none, also when the terminal is closed (SIGHUP), and when the process has died
 * that passes signals on under an old Node. A command that prints elsewhere goes on without its terminal: Node undoes what `nohup` sets. Returns how
 * to stop listening.
 */
export function onStopSignals(stop: () => void): () => void {
  let isAsked = false;
  const ask = (): void => {
    isAsked = true;
    stop();
  };
  const loseStarter = (): void => {
    if (!isAsked) ask();
  };
  const hangUp = (): void => {
    if (process.stdout.isTTY) loseStarter();
  };
  process.on('SIGINT', ask).on('SIGTERM', ask).on('SIGHUP', hangUp).on('disconnect', loseStarter);
  // Listening to the channel's end would keep this process alive for it.
  process.channel?.unref();
  return () => {
    process.off('SIGINT', ask).off('SIGTERM', ask).off('SIGHUP', hangUp).off('disconnect', loseStarter);
  };
}
