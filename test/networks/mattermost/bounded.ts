/** A list that forgets its oldest entries: a sandbox may run for days. */
export function keep<T>(list: T[], entry: T, most: number): void {
  list.push(entry);
  if (list.length > most) list.splice(0, list.length - most);
}
