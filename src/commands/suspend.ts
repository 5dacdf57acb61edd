// Ctrl-Z: jobs stand still before the builder does, for nobody would look after them meanwhile; `fg` or `bg` lets both go on.
import {answerMs} from '../build/supervised-job.ts';

export interface Suspendable {
  /** False where they were told to before. */
  pause(): boolean;
  resume(): void;
  readonly standsStill: boolean;
}

const lookMs = 50;
/** Who has not answered by `answerMs` gets a signal. */
const longestMs = answerMs + 1000;

/** `onBack` is called when the terminal is ours again. Returns how to stop listening. */
export function onSuspend(jobs: Suspendable, {say, onBack}: {say: (text: string) => void; onBack: () => void}): () => void {
  let looking: NodeJS.Timeout | undefined;
  let isOurPause = false;
  const stopLooking = (): void => {
    clearInterval(looking);
    looking = undefined;
  };
  const suspend = (): void => {
    if (looking !== undefined) return;
    isOurPause = jobs.pause();
    say('Suspending: running jobs stand still until this goes on (fg or bg; `ftsbuild resume` elsewhere).');
    const since = performance.now();
    looking = setInterval(() => {
      if (!jobs.standsStill && performance.now() - since < longestMs) return;
      stopLooking();
      process.kill(process.pid, 'SIGSTOP');
    }, lookMs);
  };
  const goOn = (): void => {
    stopLooking();
    onBack();
    if (isOurPause) jobs.resume();
    isOurPause = false;
  };
  process.on('SIGTSTP', suspend).on('SIGCONT', goOn);
  return () => {
    stopLooking();
    process.off('SIGTSTP', suspend).off('SIGCONT', goOn);
  };
}
