// Cuts a stream of text into lines and hands on those that are JSON objects. Knows no event by name.
import {isJsonObject, type JsonObject} from '../base/json.ts';

export interface ProgressLines {
  readonly push: (text: string) => void;
  /** The stream has ended: what is left is a last line. */
  readonly end: () => void;
}

export function progressLines(onProgress: (event: JsonObject) => void): ProgressLines {
  let rest = '';
  const deliver = (line: string): void => {
    const event = findJsonObject(line);
    if (event !== undefined) onProgress(event);
  };
  return {
    push: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(deliver);
    },
    end: () => {
      deliver(rest);
      rest = '';
    },
  };
}

/** A line that is torn, or no object, is nothing: a program's stray print must not end a build. */
export function findJsonObject(line: string): JsonObject | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
