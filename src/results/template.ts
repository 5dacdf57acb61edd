// Renders a Handlebars template as plain text: nothing is escaped for HTML, and a name that the variables lack throws.

export type TemplateHelpers = Readonly<Record<string, (value: unknown) => string>>;

/** The template cannot be read, or asks for what the variables lack. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export async function renderTemplate(template: string, variables: object, helpers: TemplateHelpers = {}): Promise<string> {
  // Imported when something is rendered: most commands never do.
  const {default: handlebars} = await import('handlebars');
  const engine = handlebars.create();
  for (const [name, helper] of Object.entries(helpers)) engine.registerHelper(name, (value: unknown) => helper(value));
  // `log` is built in, and would hide a variable of this name.
  engine.unregisterHelper('log');
  const options = {noEscape: true, strict: true, preventIndent: true, knownHelpers: {log: false}};
  try {
    return engine.compile(template, options)(variables);
  } catch (error) {
    // Whatever goes wrong in there is the template's: the variables are plain data.
    throw new TemplateError(error instanceof Error ? error.message : String(error), {cause: error});
  }
}
