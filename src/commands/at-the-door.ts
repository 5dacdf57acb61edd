// What holds for every command from its first moment on: which signals end it, and what becomes of an output that takes no more.

/** As SIGTERM each: a cluster warns by one of these that a job's time ends, and Ctrl-\ is the terminal's. */
const endingSignals = ['SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const;

/** A terminal sends Ctrl-\ to this process and to the one of an old Node before it, which passes it on. */
const oneKeyMs = 500;

/** Taken over, SIGUSR1 does not open Node's debugger, by which anybody on the machine could run code as this user. */
export function hearEndingSignals(): void {
  let quitAt = -Infinity;
  for (const signal of endingSignals)
    process.on(signal, () => {
      const isSameKey = signal === 'SIGQUIT' && performance.now() - quitAt < oneKeyMs;
      if (signal === 'SIGQUIT') quitAt = performance.now();
      if (!isSameKey) process.kill(process.pid, 'SIGTERM');
    });
}

/**
 * `ftsbuild list | head` closes the pipe early, and a terminal may be closed (EIO): what is still printed is for nobody, and a build goes on without
 * a reader. Everything else (a full disk) is told once, and the exit status is not that of a success, for what was asked for was not given.
 */
export function mindOutput(failedStatus: number): void {
  let isTold = false;
  const mind = (name: string) => (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EIO' || isTold) return;
    isTold = true;
    process.on('exit', () => {
      // The process's own code, unless something else has gone wrong as well.
      process.exitCode ||= failedStatus;
    });
    void tell(name, error);
  };
  process.stdout.on('error', mind('standard output'));
  process.stderr.on('error', mind('standard error'));
}

async function tell(name: string, error: NodeJS.ErrnoException): Promise<void> {
  const {reasonOf} = await import('../host/disk-failure.ts');
  process.stderr.write(`ftsbuild: ${name} takes no more: ${reasonOf(error.code ?? 'nothing about why')}\n`);
}
