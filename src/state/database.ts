// Tells from the bytes of a SQLite database whether its end is missing. Reads no row; what is in it is judged by who opens it.

const magic = 'SQLite format 3\0';

/** Shorter than it says of itself; what is no database of SQLite's says nothing. */
export function isCutDatabase(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true;
  if (bytes.length < 100) return magic.startsWith(new TextDecoder('latin1').decode(bytes.subarray(0, magic.length)));
  if (new TextDecoder('latin1').decode(bytes.subarray(0, magic.length)) !== magic) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pageBytes = view.getUint16(16) === 1 ? 65_536 : view.getUint16(16);
  // The number of pages counts only where whoever wrote last knew of it.
  return view.getUint32(24) === view.getUint32(92) && bytes.length < view.getUint32(28) * pageBytes;
}
