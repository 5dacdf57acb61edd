// Text inside XML and SVG.
import {visibleTurns} from './visible.ts';

export function escapeXml(text: string): string {
  return visibleTurns(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
