// The formats of `ftsbuild graph`, apart from it: the command line needs the names, not the drawing.

export const graphFormats = ['mermaid', 'dot', 'json', 'svg'] as const;
export type GraphFormat = (typeof graphFormats)[number];
