/** What a script adds to reading: choosing what the timeline shows, opening all of it, and all of it open on paper. */
export function offerReading(): void {
  const tools = document.querySelector<HTMLElement>('#timeline-tools');
  if (tools === null) return;
  tools.hidden = false;
  for (const button of tools.querySelectorAll<HTMLButtonElement>('[data-phase]'))
    button.addEventListener('click', () => togglePhase(button));
  const details = (): NodeListOf<HTMLDetailsElement> =>
    document.querySelectorAll<HTMLDetailsElement>('#timeline details');
  document.querySelector('#open-all')?.addEventListener('click', () => setOpen(details(), true));
  document.querySelector('#close-all')?.addEventListener('click', () => setOpen(details(), false));
  openOnPaper();
}

function togglePhase(button: HTMLButtonElement): void {
  const isShown = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(isShown));
  for (const event of document.querySelectorAll<HTMLElement>('.event'))
    if (event.dataset['phase'] === button.dataset['phase']) event.hidden = !isShown;
}

function setOpen(details: Iterable<HTMLDetailsElement>, isOpen: boolean): void {
  for (const one of details) one.open = isOpen;
}

function openOnPaper(): void {
  let closed: HTMLDetailsElement[] = [];
  addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open])')];
    setOpen(closed, true);
  });
  addEventListener('afterprint', () => setOpen(closed, false));
}
