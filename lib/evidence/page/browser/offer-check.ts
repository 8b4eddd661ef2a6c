import { type Checked, type CheckedFile, checkBundle, type Drawn, messageOf } from './check-bundle.ts';
import { droppedFiles, filesAsEntries } from './files.ts';
import { type BundleEntry, readZip } from './zip.ts';

const MOST_ZIP_BYTES = 512 * 2 ** 20;
const MOST_ROWS = 2000;

/** Lets a reader drop or choose the bundle's files, and shows which are what the manifest lists. */
export function offerCheck(): void {
  const panel = document.querySelector<HTMLElement>('#drop');
  const data = document.querySelector('#drawn')?.textContent;
  if (panel === null || data === undefined || data === null) return;
  const drawn = JSON.parse(data) as Drawn;
  panel.hidden = false;
  const start = (files: Promise<readonly File[]>): void => void run(files, drawn);
  for (const id of ['#pick-zip', '#pick-folder']) {
    const input = document.querySelector<HTMLInputElement>(id);
    input?.addEventListener('change', () => start(Promise.resolve([...(input.files ?? [])])));
  }
  acceptDrops(panel, start);
}

function acceptDrops(panel: HTMLElement, start: (files: Promise<readonly File[]>) => void): void {
  addEventListener('dragover', (event) => {
    event.preventDefault();
    panel.classList.add('over');
  });
  addEventListener('dragleave', () => panel.classList.remove('over'));
  addEventListener('drop', (event) => {
    event.preventDefault();
    panel.classList.remove('over');
    if (event.dataTransfer === null) return;
    start(droppedFiles(event.dataTransfer));
    document.querySelector('#check')?.scrollIntoView();
  });
}

/** Only the last one started is shown. */
let runs = 0;

async function run(chosen: Promise<readonly File[]>, drawn: Drawn): Promise<void> {
  runs += 1;
  const own = runs;
  const isLast = (): boolean => own === runs;
  showFiles([]);
  say('working', 'Reading…');
  try {
    const entries = await entriesOf(await chosen);
    const checked = await checkBundle(entries, drawn, (done, of) => {
      if (isLast() && done % 20 === 0) say('working', `${done} of ${of} files`);
    });
    if (isLast()) report(checked);
  } catch (error) {
    if (isLast()) say('bad', `This is no bundle that can be checked: ${messageOf(error)}.`);
  }
}

async function entriesOf(files: readonly File[]): Promise<BundleEntry[]> {
  const [first] = files;
  if (first === undefined) throw new Error('there is no file in it');
  if (files.length > 1 || !/\.zip$/i.test(first.name)) return filesAsEntries(files);
  if (first.size > MOST_ZIP_BYTES)
    throw new Error('the zip is larger than this page reads; git agent-log verify has no such limit');
  return readZip(new Uint8Array(await first.arrayBuffer()));
}

function report({ files, claims }: Checked): void {
  const bad = files.filter(({ isGood }) => !isGood);
  const isGood = bad.length === 0 && claims.every((claim) => claim.isGood);
  const head = isGood
    ? `All ${files.length} files are what the manifest lists.`
    : bad.length > 0
      ? `${bad.length} of ${files.length} files are not what the manifest lists.`
      : 'The files are what the manifest lists, but they do not belong together.';
  say(isGood ? 'ok' : 'bad', head);
  const result = byId('check-result');
  const list = make('ul', 'claims');
  for (const claim of claims) list.append(row('li', claim.isGood, claim.says));
  result.append(
    list,
    make(
      'p',
      'note',
      'The manifest and this page came with the bundle: whoever made one could have made the other. For an answer that rests on neither, run git agent-log verify on it with a program you trust.',
    ),
  );
  showFiles([...bad, ...files.filter((file) => file.isGood)]);
}

function showFiles(files: readonly CheckedFile[]): void {
  const place = byId('check-files');
  place.replaceChildren();
  if (files.length === 0) return;
  const list = make('ul', 'checked-files');
  for (const { path, isGood, says } of files.slice(0, MOST_ROWS)) {
    const item = row('li', isGood, says);
    item.prepend(make('code', 'path', path));
    list.append(item);
  }
  place.append(list);
  if (files.length > MOST_ROWS) place.append(make('p', 'more', `… ${files.length - MOST_ROWS} more files`));
}

function row(tag: string, isGood: boolean, says: string): HTMLElement {
  const item = make(tag, isGood ? 'good' : 'wrong');
  const chip = make('span', `chip ${isGood ? 'ok' : 'bad'}`, isGood ? '✓ good' : '✕ bad');
  item.append(chip, make('span', 'says', says));
  return item;
}

function say(kind: 'working' | 'ok' | 'bad', text: string): void {
  byId('check-result').replaceChildren(make('p', `verdict ${kind}`, text));
}

function make(tag: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`there is no ${id}`);
  return element;
}
