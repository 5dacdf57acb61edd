// The real yaml-language-server as an editor drives it: JSON-RPC over its standard streams. Knows nothing of what it is asked about.
import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process';
import {pathToFileURL} from 'node:url';
import {repositoryRoot} from './python-interpreter.ts';

export interface Position {
  /** From 0, as is the character. */
  readonly line: number;
  readonly character: number;
}

export interface EditorProblem {
  readonly message: string;
  readonly range: {readonly start: Position; readonly end: Position};
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {readonly uri?: string; readonly diagnostics?: readonly EditorProblem[]; readonly items?: readonly unknown[]};
  readonly result?: unknown;
}

interface Completions {
  readonly items: readonly {readonly label: string}[];
}

interface Hover {
  readonly contents?: {readonly value: string};
}

export class LanguageServer implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #published = new Map<string, (problems: readonly EditorProblem[]) => void>();
  #unread = Buffer.alloc(0);
  #lastId = 0;
  #files = 0;

  private constructor() {
    this.#child = spawn(process.execPath, [`${repositoryRoot}/node_modules/yaml-language-server/bin/yaml-language-server`, '--stdio']);
    this.#child.stdout.on('data', (piece: Buffer) => this.#read(piece));
  }

  static async start(root: string): Promise<LanguageServer> {
    const server = new LanguageServer();
    const capabilities = {workspace: {configuration: true}, textDocument: {hover: {contentFormat: ['markdown']}, completion: {}}};
    await server.#ask('initialize', {processId: process.pid, rootUri: pathToFileURL(root).href, capabilities});
    server.#send({method: 'initialized', params: {}});
    return server;
  }

  /** What an editor would underline in a file of this text, in that folder. */
  async problemsOf(folder: string, text: string): Promise<readonly EditorProblem[]> {
    const uri = this.#newFile(folder);
    const published = new Promise<readonly EditorProblem[]>((resolve) => this.#published.set(uri, resolve));
    this.#open(uri, text);
    return published;
  }

  /** What an editor offers where the mark `|` stands in the text. */
  async completionsAt(folder: string, marked: string): Promise<readonly string[]> {
    const answer = (await this.#askAt('textDocument/completion', folder, marked)) as Completions;
    return answer.items.map(({label}) => label);
  }

  /** What an editor shows over the word after the mark `|`. */
  async hoverAt(folder: string, marked: string): Promise<string> {
    const answer = (await this.#askAt('textDocument/hover', folder, marked)) as Hover | null;
    return answer?.contents?.value ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    await this.#ask('shutdown', null);
    this.#send({method: 'exit'});
    await ended;
  }

  #askAt(method: string, folder: string, marked: string): Promise<unknown> {
    const uri = this.#newFile(folder);
    const at = marked.indexOf('|');
    const before = marked.slice(0, at).split('\n');
    this.#open(uri, before.join('\n') + marked.slice(at + 1));
    const position: Position = {line: before.length - 1, character: before.at(-1)?.length ?? 0};
    return this.#ask(method, {textDocument: {uri}, position});
  }

  // Each text is a file of its own: what the server still says of an earlier one is not taken for this one's.
  #newFile(folder: string): string {
    this.#files += 1;
    return pathToFileURL(`${folder}/${String(this.#files)}.yaml`).href;
  }

  #open(uri: string, text: string): void {
    this.#send({method: 'textDocument/didOpen', params: {textDocument: {uri, languageId: 'yaml', version: 1, text}}});
  }

  #ask(method: string, params: unknown): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    this.#send({id, method, params});
    return answer;
  }

  #send(message: object): void {
    const body = JSON.stringify({jsonrpc: '2.0', ...message});
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(piece: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, piece]);
    for (;;) {
      const headEnd = this.#unread.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#unread.toString('latin1', 0, headEnd))?.[1]);
      const bodyEnd = headEnd + 4 + length;
      if (this.#unread.length < bodyEnd) return;
      const message = JSON.parse(this.#unread.toString('utf8', headEnd + 4, bodyEnd)) as Message;
      this.#unread = this.#unread.subarray(bodyEnd);
      this.#take(message);
    }
  }

  #take({id, method, params, result}: Message): void {
    if (method === undefined) this.#answers.get(id ?? 0)?.(result);
    // The server asks for the editor's settings: there are none.
    else if (id !== undefined) this.#send({id, result: (params?.items ?? []).map(() => ({}))});
    else if (method === 'textDocument/publishDiagnostics') this.#published.get(params?.uri ?? '')?.(params?.diagnostics ?? []);
  }
}
