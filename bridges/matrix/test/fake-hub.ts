import type { BridgeContext, ConnectionState, Language } from '@brygga/contract';
import { type IncomingEvent, networkId, type Signal } from '@brygga/event';
import { type FakeContext, fakeContext } from '@brygga/testkit';
import type { MatrixSettings } from '../src/settings.ts';

/** A hub in memory, which outlives the bridges opened on it. */
export class FakeHub {
  readonly network = networkId('agency-matrix');
  readonly kept: FakeContext = fakeContext({ network: 'agency-matrix', hub: 'test-hub' });
  language: Language = 'en';
  /** While set, storing takes until it resolves. */
  holding: Promise<void> | null = null;

  context(settings: MatrixSettings): BridgeContext<MatrixSettings> {
    const { kept } = this;
    const accept: FakeContext['accept'] = async (intake) => {
      await this.holding;
      return kept.accept(intake);
    };
    return { ...kept, network: this.network, settings, accept, language: () => this.language };
  }

  set refusing(refusing: boolean) {
    this.kept.refuseAccepts = refusing;
  }

  get events(): readonly IncomingEvent[] {
    return this.kept.accepted;
  }

  get signals(): readonly Signal[] {
    return this.kept.signals;
  }

  get state(): ConnectionState | undefined {
    return this.kept.states.at(-1)?.state;
  }
}
