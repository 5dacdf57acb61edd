// Colours, where the output is a terminal that shows them and NO_COLOR is not set.
import {styleText} from 'node:util';

export interface Paint {
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  dim(text: string): string;
}

export const plainPaint: Paint = {red: same, green: same, yellow: same, cyan: same, dim: same};

export function paintFor(stream: {readonly isTTY?: boolean}): Paint {
  if (stream.isTTY !== true || (process.env['NO_COLOR'] ?? '') !== '') return plainPaint;
  return {
    red: (text) => styleText('red', text, {validateStream: false}),
    green: (text) => styleText('green', text, {validateStream: false}),
    yellow: (text) => styleText('yellow', text, {validateStream: false}),
    cyan: (text) => styleText('cyan', text, {validateStream: false}),
    dim: (text) => styleText('dim', text, {validateStream: false}),
  };
}

function same(text: string): string {
  return text;
}
