// Recognises files that are not the prices that their name promises, by their first bytes and lines; what `fts.data.foreign` says of them.

const longestLook = 1 << 16;
const saveAsUtf8 = 'save it as "CSV UTF-8"';

/** What a file is instead of prices, and what to do, to be read after its name; undefined where nothing speaks against it. */
export function describeForeign(content: Uint8Array, path: string): string | undefined {
  const isText = /\.csv$/i.test(path);
  return (
    describeBytes(Buffer.from(content.subarray(0, longestLook)).toString('latin1'), isText) ?? (isText ? describeText(content) : undefined)
  );
}

function describeBytes(start: string, isText: boolean): string | undefined {
  const text = start.replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  if (text === '') return 'is empty; put the file there again';
  if (text.startsWith('version https://git-lfs.github.com/spec/'))
    return 'is a Git LFS pointer, not the file itself; fetch the file with `git lfs pull`';
  if (/^<(!doctype|html|head|body|\?xml)/i.test(text))
    return 'is a web page (HTML), not prices: a download that failed, or that wants a login; download it again';
  if (!isText) return text.startsWith('PAR1') ? undefined : 'is no Parquet file by its content; put the file there again';
  if (text.startsWith('PAR1')) return 'is a Parquet file by its content; name it .parquet';
  if (text.startsWith('PK\u0003\u0004'))
    return `is a ZIP archive or an Excel workbook by its content, not CSV; unpack it, or ${saveAsUtf8}`;
  return text.startsWith('\u001f\u008b') ? 'is compressed (gzip); unpack it with `gunzip`' : undefined;
}

function describeText(content: Uint8Array): string | undefined {
  const [first, second] = content;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isMarked || countNul(content, 0) > 50 || countNul(content, 1) > 50)
    return `is UTF-16 (Excel's "Unicode text"), not UTF-8; ${saveAsUtf8}`;
  const nul = content.indexOf(0);
  if (nul >= 0) return `holds NUL bytes, which no CSV has (line ${String(lineAt(content, nul))}); put the file there again`;
  const wrong = findNotUtf8(content);
  if (wrong !== undefined) return `is not UTF-8 (in line ${String(lineAt(content, wrong))}), but Latin-1 or the like; ${saveAsUtf8}`;
  return describeLines(new TextDecoder().decode(content.subarray(0, longestLook)).split(/\r\n|\n|\r/));
}

function describeLines(lines: readonly string[]): string | undefined {
  const [header = '', ...rest] = lines;
  const [corner = '', ...below] = lines.slice(0, 3).map((line) => (line.split(',')[0] ?? '').trim().replaceAll('"', '').toLowerCase());
  if (['', 'price', 'ticker'].includes(corner) && below.some((cell) => ['ticker', 'price', 'date'].includes(cell)))
    return "has yfinance's three header rows; download with `multi_level_index=False`, so that it has the one row Date,Open,High,...";
  if (/^sep=/i.test(header) || (!header.includes(',') && header.includes(';')))
    return 'is separated by semicolons, as spreadsheets write where the comma is the decimal sign; save it with commas and decimal points';
  if (!header.includes(',') && header.includes('\t')) return `is separated by tabs; ${saveAsUtf8}, with commas`;
  return rest.slice(0, 5).some((line) => /"\s*-?[\d.]*\d,\d[\d,.]*\s*"/.test(line))
    ? 'has commas inside of numbers ("1,5"); save it with decimal points, and without separators of thousands'
    : undefined;
}

// Of the first 200 bytes, those at every second place.
function countNul(content: Uint8Array, from: number): number {
  return content.subarray(0, 200).filter((byte, index) => index % 2 === from && byte === 0).length;
}

function lineAt(content: Uint8Array, offset: number): number {
  return content.subarray(0, offset).filter((byte) => byte === 10).length + 1;
}

/** The offset of the first byte that is no part of a character. */
function findNotUtf8(content: Uint8Array): number | undefined {
  const isWhole = (length: number): boolean => {
    try {
      new TextDecoder('utf-8', {fatal: true}).decode(content.subarray(0, length), {stream: length < content.length});
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  };
  if (isWhole(content.length)) return undefined;
  let [good, bad] = [0, content.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isWhole(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
