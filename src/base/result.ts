// A value, or the diagnostics that say why there is none. Failures a user, a disk or a command can cause travel this way; bugs throw.
import type {Diagnostic} from './diagnostic.ts';

export type Result<T, E = readonly Diagnostic[]> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly error: E};

export function success<T>(value: T): {readonly ok: true; readonly value: T} {
  return {ok: true, value};
}

export function failure<E>(error: E): {readonly ok: false; readonly error: E} {
  return {ok: false, error};
}
