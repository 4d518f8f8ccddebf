/**
 * The element of this id.
 *
 * @throws Error when the page has none, or another kind of one.
 */
export function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.querySelector(`#${id}`);
  if (!(found instanceof kind)) throw new Error(`The page needs a ${kind.name} "${id}".`);
  return found;
}

/** The button of this id, with what a press of it does. */
export function button(id: string, onPress: () => void): HTMLButtonElement {
  const found = element(id, HTMLButtonElement);
  found.addEventListener('click', onPress);
  return found;
}
