/** What is said in the demonstration, by whom. */

export type Side = 'matrix' | 'xmpp';
export const other = (side: Side): Side => (side === 'matrix' ? 'xmpp' : 'matrix');

export interface Person {
  readonly name: string;
  readonly first: string;
  readonly organisation: string;
  readonly network: string;
  readonly system: string;
}

export const PEOPLE: Readonly<Record<Side, Person>> = {
  matrix: {
    name: 'Anna Svensson',
    first: 'Anna',
    organisation: 'Skatteverket',
    network: 'skv-matrix',
    system: 'Matrix',
  },
  xmpp: { name: 'Bosse Ek', first: 'Bosse', organisation: 'MSB', network: 'msb-xmpp', system: 'XMPP' },
};

/** How a person is called on the other side. */
export const labelOf = ({ name, organisation }: Person): string => `${name} (${organisation})`;

export const ROOM = { id: 'storm-hilda', name: 'Storm Hilda' } as const;

/** One thing that a person does. `message` is our name for the message it makes or is about. */
export type Act =
  | {
      readonly by: Side;
      readonly does: 'say';
      readonly message: string;
      readonly text: string;
      /** The same with formatting, as a Matrix client writes it. */
      readonly html?: string;
      readonly answers?: string;
    }
  | { readonly by: Side; readonly does: 'edit'; readonly message: string; readonly text: string }
  | { readonly by: Side; readonly does: 'react'; readonly message: string; readonly emoji: string }
  | { readonly by: Side; readonly does: 'remove'; readonly message: string };

export const SCRIPT: readonly Act[] = [
  {
    by: 'matrix',
    does: 'say',
    message: 'power',
    text: 'God morgon! Storm Hilda has taken the power at our office in Umeå. Does anybody know when it comes back?',
  },
  {
    by: 'xmpp',
    does: 'say',
    message: 'at two',
    text: 'Hej Anna! At 14:00, says the grid company. I will keep an eye on it for you.',
    answers: 'power',
  },
  {
    by: 'matrix',
    does: 'say',
    message: 'plan',
    text: 'Tack! Then we do this:\n\n- phones go to Sundsvall now\n- the counter opens at 15:00, not before',
    html: '<p>Tack! Then we do this:</p><ul><li><strong>phones</strong> go to Sundsvall now</li><li>the counter opens <em>at 15:00</em>, not before</li></ul>',
    answers: 'at two',
  },
  { by: 'xmpp', does: 'react', message: 'plan', emoji: '👍' },
  {
    by: 'matrix',
    does: 'say',
    message: 'beds',
    text: 'And 12 of our people cannot get home tonight. Is there a roof for them?',
  },
  {
    by: 'matrix',
    does: 'edit',
    message: 'beds',
    text: 'And 14 of our people cannot get home tonight. Is there a roof for them?',
  },
  {
    by: 'xmpp',
    does: 'say',
    message: 'hall',
    text: '14 beds, *noted*: the sports hall is open _all night_, https://sporthallen.example/umea',
  },
  { by: 'matrix', does: 'react', message: 'hall', emoji: '🎉' },
  { by: 'xmpp', does: 'say', message: 'fika', text: 'Fika in the kitchen at three, who brings the bullar?' },
  { by: 'xmpp', does: 'remove', message: 'fika' },
  { by: 'xmpp', does: 'say', message: 'oj', text: 'Oj, wrong room. Nobody saw that.' },
  {
    by: 'matrix',
    does: 'say',
    message: 'keep some',
    text: 'Ingen fara! We come at 15:00, so keep some bullar for us. ☕',
    answers: 'oj',
  },
];
