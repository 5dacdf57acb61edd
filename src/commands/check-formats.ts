// The formats of `ftsbuild check`, apart from it: the command line needs the names, not the checking.

export const checkFormats = ['text', 'json', 'github', 'sarif'] as const;
export type CheckFormat = (typeof checkFormats)[number];
