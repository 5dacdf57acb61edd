// Cuts Python source into tokens as CPython does, without comments, blank lines and layout. Knows nothing of what they mean.
import {findStringEnd, isStringPrefix} from './python-strings.ts';

/** Marks of the block structure. No token of a source can have these texts: it would have to stand inside a string. */
export const newline = '\n';
export const indent = '\u0001';
export const dedent = '\u0002';

/** A string, and nothing else, ends with a quote. */
export function isString(token: string): boolean {
  return token.endsWith('"') || token.endsWith("'");
}

/** Texts of the tokens in order; undefined where the source is no Python. Line ends must be `\n`. */
export function tokensOf(source: string): readonly string[] | undefined {
  const scan = new Scan(source);
  while (!scan.isAtEnd()) {
    if (!scan.step()) return undefined;
  }
  return scan.finish();
}

const tabWidth = 8;
const nameAt = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*/y;
const numberAt =
  /0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d(?:_?\d)*)?[jJ]?/y;
const operatorAt = /\*\*=|\/\/=|>>=|<<=|\.\.\.|\*\*|\/\/|>>|<<|<=|>=|==|!=|->|:=|<>|[-+*/%@&|^]=|[-+*/%@&|^~<>=!.,:;()[\]{}]/y;
const blankAt = /[ \t\f]+/y;
const commentAt = /#[^\n]*/y;

class Scan {
  readonly #source: string;
  readonly #tokens: string[] = [];
  readonly #indents: number[] = [0];
  #at = 0;
  /** Open brackets; inside of them line ends mean nothing. */
  #depth = 0;
  #isLineStart = true;

  constructor(source: string) {
    this.#source = source;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  /** Takes one token, comment or stretch of white space; false where that cannot be Python. */
  step(): boolean {
    if (this.#isLineStart) return this.#startLine();
    const char = this.#source.charAt(this.#at);
    if (char === ' ' || char === '\t' || char === '\f') this.#take(blankAt);
    else if (char === '\n') this.#endLine();
    else if (char === '#') this.#take(commentAt);
    else if (char === '\\') return this.#joinLines();
    else if (char === '"' || char === "'") return this.#takeString(this.#at, '');
    else return this.#takeNumber(char) || this.#takeName() || this.#takeOperator();
    return true;
  }

  finish(): readonly string[] | undefined {
    if (this.#depth > 0) return undefined;
    if (!this.#isLineStart) this.#tokens.push(newline);
    for (let open = this.#indents.length; open > 1; open -= 1) this.#tokens.push(dedent);
    return this.#tokens;
  }

  #startLine(): boolean {
    const column = this.#measureIndentation();
    const char = this.#source.charAt(this.#at);
    if (char === '#') this.#take(commentAt);
    else if (char === '\n') this.#at += 1;
    else if (char !== '') {
      this.#isLineStart = false;
      return this.#openOrClose(column);
    }
    return true;
  }

  #measureIndentation(): number {
    let column = 0;
    let joined: number | undefined;
    for (; ; this.#at += 1) {
      const char = this.#source.charAt(this.#at);
      if (char === ' ') column += 1;
      else if (char === '\t') column = (Math.floor(column / tabWidth) + 1) * tabWidth;
      else if (char === '\f') column = 0;
      else if (char === '\\' && this.#source.charAt(this.#at + 1) === '\n') {
        // The first line of joined lines tells the indentation.
        joined ??= column;
        this.#at += 1;
      } else return joined ?? column;
    }
  }

  #openOrClose(column: number): boolean {
    if (column > (this.#indents.at(-1) ?? 0)) {
      this.#indents.push(column);
      this.#tokens.push(indent);
    }
    while (column < (this.#indents.at(-1) ?? 0)) {
      this.#indents.pop();
      this.#tokens.push(dedent);
    }
    return column === this.#indents.at(-1);
  }

  #endLine(): void {
    this.#at += 1;
    if (this.#depth > 0) return;
    this.#tokens.push(newline);
    this.#isLineStart = true;
  }

  #joinLines(): boolean {
    if (this.#source.charAt(this.#at + 1) !== '\n') return false;
    this.#at += 2;
    return true;
  }

  #takeNumber(char: string): boolean {
    const next = this.#source.charAt(this.#at + 1);
    if (!isDigit(char) && !(char === '.' && isDigit(next))) return false;
    this.#tokens.push(this.#take(numberAt));
    return true;
  }

  #takeName(): boolean {
    const start = this.#at;
    const name = this.#take(nameAt);
    if (name === '') return false;
    const char = this.#source.charAt(this.#at);
    if ((char === '"' || char === "'") && isStringPrefix(name)) return this.#takeString(start, name);
    this.#tokens.push(name);
    return true;
  }

  #takeString(start: number, prefix: string): boolean {
    const end = findStringEnd(this.#source, start + prefix.length, prefix);
    if (end === undefined) return false;
    this.#tokens.push(this.#source.slice(start, end));
    this.#at = end;
    return true;
  }

  #takeOperator(): boolean {
    const operator = this.#take(operatorAt);
    if (operator === '(' || operator === '[' || operator === '{') this.#depth += 1;
    if (operator === ')' || operator === ']' || operator === '}') this.#depth -= 1;
    this.#tokens.push(operator);
    return operator !== '' && this.#depth >= 0;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0] ?? '';
    this.#at += text.length;
    return text;
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}
