/**
 * Changes the page and keeps the focus: if the change hides or disables the focused element, the first of the candidates
 * that can have the focus gets it. The page does not scroll.
 */
export function keepFocus(change: () => void, ...candidates: readonly (Element | null)[]): void {
  const { activeElement } = document;
  change();
  if (!activeElement || activeElement === document.body || canHaveFocus(activeElement)) return;
  const next = candidates.find((one) => one instanceof HTMLElement && canHaveFocus(one));
  (next as HTMLElement | undefined)?.focus({ preventScroll: true });
}

function canHaveFocus(one: Element): boolean {
  const isVisible = one.checkVisibility({ visibilityProperty: true });
  return one !== document.body && isVisible && !one.matches(':disabled');
}
