/** What a row of a table ends with. */
export const CSV_LINE_END = '\r\n';

/** One row of a table (RFC 4180), without its line end. Null is an empty cell. */
export function csvRow(cells: readonly (string | number | boolean | null)[]): string {
  return cells.map(cell).join(',');
}

/** A text that a spreadsheet would take for a formula is told as text: full-width signs count as well. */
function cell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[\s\u0000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
