import { Html } from './html.ts';

/** Shapes on a field of 16 by 16, drawn with the colour of the text around them. */
const SHAPES: Readonly<Record<string, string>> = {
  ok: '<path d="M3.5 8.5l3 3 6-7"/>',
  warn: '<path d="M8 2.5L14.5 13.5h-13z"/><path d="M8 6.5v3.2M8 11.6v.2"/>',
  bad: '<path d="M4 4l8 8M12 4l-8 8"/>',
  idle: '<circle cx="8" cy="8" r="2.2"/>',
  asked: '<path d="M2.5 3.5h11v7h-6l-3 3v-3h-2z"/>',
  saw: '<path d="M1.5 8s2.5-4.5 6.5-4.5S14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.8"/>',
  did: '<path d="M2.5 4l3.5 4-3.5 4M8 12h5.5"/>',
  committed: '<circle cx="8" cy="8" r="3"/><path d="M1 8h4M11 8h4"/>',
  checked: '<path d="M8 1.8l5 2v4c0 3.2-2 5.4-5 6.4-3-1-5-3.2-5-6.4v-4z"/><path d="M5.6 8l1.8 1.8 3-3.5"/>',
  approved: '<circle cx="8" cy="5" r="2.7"/><path d="M2.8 14c.6-3 2.6-4.3 5.2-4.300s4.6 1.3 5.2 4.3"/>',
  landed: '<path d="M8 1.800v8.500M4.5 7L8 10.5 11.5 7M2.5 13.800h11"/>',
  replayed: '<path d="M13 8a5 5 0 1 1-1.6-3.700M13 2v3h-3"/>',
  reverted: '<path d="M5.5 3L2.5 6l3 3M2.8 6h6.700a3.5 3.5 0 0 1 0 7H6"/>',
  drop: '<path d="M8 10.500V2M4.8 5L8 1.8 11.2 5M2 10v4h12v-4"/>',
};

/** All of them once; `icon` refers to them by name. */
export function iconSheet(): Html {
  const symbols = Object.entries(SHAPES).map(
    ([name, shape]) => `<symbol id="i-${name}" viewBox="0 0 16 16">${shape}</symbol>`,
  );
  return new Html(`<svg class="sheet" aria-hidden="true" focusable="false">${symbols.join('')}</svg>`);
}
