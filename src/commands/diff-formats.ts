// How a comparison can be printed. Apart from the command: the command line needs the names without loading it.
export const diffFormats = ['text', 'markdown', 'json'] as const;
export type DiffFormat = (typeof diffFormats)[number];
