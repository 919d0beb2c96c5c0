import { networkId, personId } from '@brygga/event';
import { describe, expect, it } from 'vitest';
import { Personas } from './personas.ts';

const [north, south] = [networkId('north'), networkId('south')];
const personas = () => new Personas(new Map([[north, 'Agency North']]));
const named = (id: string, displayName: string) => ({ nativeId: personId(id), displayName });

describe('personas', () => {
  it('carry the organisation of the settings, which a name cannot imitate', () => {
    expect(personas().of(north, named('eve', 'Anna (Agency South)'))).toEqual({
      network: 'north',
      person: 'eve',
      name: 'Anna Agency South',
      organisation: 'Agency North',
      label: 'Anna Agency South (Agency North)',
    });
    expect(personas().of(south, named('eve', 'Eve')).label).toBe('Eve (south)');
  });

  it('are made once, and anew when the name changes', () => {
    const made = personas();
    const first = made.of(north, named('ada', 'Ada'));
    expect(made.of(north, named('ada', 'Ada'))).toBe(first);
    expect(made.of(north, named('ada', 'Adele')).name).toBe('Adele');
    expect(made.of(south, named('ada', 'Ada'))).not.toBe(first);
  });

  it('of two people are never one, however their ids and names are cut', () => {
    const made = personas();
    made.of(north, named('room/ada', 'b c'));
    expect(made.of(north, named('room/ada b', 'c')).person).toBe('room/ada b');
    expect(made.of(north, named('', 'room/ada b c')).person).toBe('');
  });

  it('are forgotten before they are too many', () => {
    const made = personas();
    const first = made.of(north, named('p0', 'P'));
    for (let index = 1; index <= 20_000; index++) made.of(north, named(`p${index}`, 'P'));
    expect(made.of(north, named('p0', 'P'))).not.toBe(first);
  });
});
