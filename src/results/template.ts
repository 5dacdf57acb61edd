// Renders a Handlebars template as plain text: nothing is escaped for HTML, and a name that the variables lack throws.
import {findNearest} from '../base/suggest.ts';

export type TemplateHelpers = Readonly<Record<string, (value: unknown) => string>>;

/** The template cannot be read, or asks for what the variables lack. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';

  /** In the template, from 1, where it is known. */
  readonly place: Place | undefined;

  /** Its name, where whoever rendered it said so. */
  readonly template: string | undefined;

  constructor(message: string, place: Place | undefined, options: ErrorOptions & {readonly template?: string}) {
    super(message, options);
    this.place = place;
    this.template = options.template;
  }
}

interface Place {
  readonly line: number;
  readonly column: number;
}

type Compiled = (variables: object) => string;

// A study renders a hundred scripts from two templates, and compiling costs ten times what filling in does.
const compiled = new Map<string, {readonly helpers: TemplateHelpers; readonly render: Compiled}>();

export async function renderTemplate(template: string, variables: object, helpers: TemplateHelpers = noHelpers): Promise<string> {
  const known = compiled.get(template);
  const render = known?.helpers === helpers ? known.render : await compile(template, helpers);
  compiled.set(template, {helpers, render});
  try {
    return render(variables);
  } catch (error) {
    // Whatever goes wrong in there is the template's: the variables are plain data.
    throw inOurWords(error, variables);
  }
}

/** For `catch`: of several templates that a step renders, which one it was. */
export function inTemplate(template: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof TemplateError ? new TemplateError(error.message, error.place, {cause: error.cause, template}) : error;
  };
}

/** Handlebars tells a line in its text, or a place beside it of which the column counts from 0. */
function inOurWords(error: unknown, variables: object): TemplateError {
  const said = error instanceof Error ? error.message : String(error);
  const [, unread] = /^Parse error on line (\d+):/u.exec(said) ?? [];
  if (unread !== undefined)
    return new TemplateError(
      'a tag or a block is not closed, or stands where it cannot',
      {line: Number(unread), column: 1},
      {cause: error},
    );
  const [, lacking] = /^"(.+)" not defined in /u.exec(said) ?? [];
  const near = lacking === undefined ? undefined : findNearest(lacking, Object.keys(variables));
  const message =
    lacking === undefined ? said : `nothing is called "${lacking}" here${near === undefined ? '' : ` (did you mean "${near}"?)`}`;
  return new TemplateError(message, findPlace(said), {cause: error});
}

function findPlace(said: string): Place | undefined {
  const [, line, column] = / - (\d+):(\d+)$/u.exec(said) ?? [];
  return line === undefined ? undefined : {line: Number(line), column: Number(column) + 1};
}

const noHelpers: TemplateHelpers = {};

async function compile(template: string, helpers: TemplateHelpers): Promise<Compiled> {
  // Imported when something is rendered: most commands never do.
  const {default: handlebars} = await import('handlebars');
  const engine = handlebars.create();
  for (const [name, helper] of Object.entries(helpers)) engine.registerHelper(name, (value: unknown) => helper(value));
  // `log` is built in, and would hide a variable of this name.
  engine.unregisterHelper('log');
  return engine.compile(template, {noEscape: true, strict: true, preventIndent: true, knownHelpers: {log: false}});
}
