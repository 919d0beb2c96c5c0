import { casesOf, type Planted, pack } from './planted.ts';

const ours = casesOf('imports/ours');
const redis = casesOf('imports/redis');
const reach = casesOf('imports/reach');
const declared = casesOf('imports/declared');
const event = casesOf('imports/event');

const house = {
  'packages/event/package.json': pack('event'),
  'packages/contract/package.json': pack('contract'),
  'packages/testkit/package.json': pack('testkit'),
  'packages/policy/package.json': pack('policy'),
  'packages/hub/package.json': pack('hub'),
  'packages/cli/package.json': pack('cli'),
  'bridges/tincan/package.json': pack('tincan'),
  'bridges/other/package.json': pack('other'),
};
const use = (name: string): string => `import { x } from '@brygga/${name}';\n`;
const root = JSON.stringify({ devDependencies: { vitest: '1.0.0' } });

export const IMPORT_CASES: readonly Planted[] = [
  ours.breaks(
    'event looks up',
    { ...house, 'packages/event/src/a.ts': use('contract') },
    'packages/event/src/a.ts',
  ),
  ours.breaks(
    'a type is an import',
    { ...house, 'packages/event/src/a.ts': "import type { X } from '@brygga/hub';" },
    'packages/event/src/a.ts',
  ),
  ours.breaks(
    'a bridge knows another',
    { ...house, 'bridges/tincan/src/a.ts': use('other') },
    'bridges/tincan/src/a.ts',
  ),
  ours.breaks(
    'a bridge knows the hub',
    { ...house, 'bridges/tincan/src/a.ts': "await import('@brygga/hub');" },
    'bridges/tincan/src/a.ts',
  ),
  ours.breaks(
    "a bridge's test knows the policy",
    { ...house, 'bridges/tincan/test/a.test.ts': use('policy') },
    'bridges/tincan/test/a.test.ts',
  ),
  ours.breaks(
    'the hub names a bridge',
    { ...house, 'packages/hub/src/a.ts': use('tincan') },
    'packages/hub/src/a.ts',
  ),
  ours.breaks(
    'the testkit in the house',
    { ...house, 'packages/hub/src/a.ts': use('testkit') },
    'packages/hub/src/a.ts',
  ),
  ours.breaks('a package nobody knows', { 'packages/misc/src/a.ts': '' }, 'packages/misc'),
  ours.holds('the root knows its bridges, tests the test bed', {
    ...house,
    'packages/cli/src/bridges.ts': use('tincan') + use('other') + use('hub'),
    'packages/hub/src/a.test.ts': use('tincan') + use('testkit') + use('hub'),
    'bridges/tincan/test/a.test.ts': use('testkit') + use('tincan') + use('event'),
    'test/plays/a.test.ts': use('hub') + use('tincan'),
  }),
  redis.breaks(
    'in the hub',
    { ...house, 'packages/hub/src/a.ts': "import { Redis } from 'ioredis';" },
    'packages/hub/src/a.ts',
  ),
  redis.breaks(
    'a part of it',
    { ...house, 'bridges/tincan/src/a.ts': "import x from 'bullmq/dist/x';" },
    'bridges/tincan/src/a.ts',
  ),
  redis.holds('in the bus and in tests', {
    'packages/bus/src/a.ts': "import { Redis } from 'ioredis';",
    'packages/hub/src/a.test.ts': "import { Redis } from 'ioredis';",
    'test/servers/redis.ts': "import { Redis } from 'ioredis';",
  }),
  reach.breaks(
    'by path',
    { ...house, 'packages/hub/src/a.ts': "import '../../event/src/ids.ts';" },
    'packages/hub/src/a.ts',
  ),
  reach.breaks(
    'by name',
    { ...house, 'packages/hub/src/a.ts': "import '@brygga/event/src/ids.ts';" },
    'packages/hub/src/a.ts',
  ),
  reach.breaks(
    'from the tests',
    { ...house, 'test/a.test.ts': "import '../packages/event/src/ids.ts';" },
    'test/a.test.ts',
  ),
  reach.breaks(
    'source reads a test',
    { ...house, 'bridges/other/src/a.ts': "import '../test/b.ts';" },
    'bridges/other/src/a.ts',
  ),
  reach.holds('at home, and tests in test/', {
    ...house,
    'packages/hub/src/a.ts': "import './stations/b.ts';",
    'bridges/other/test/a.test.ts': "import '../src/ids.ts'; import '../../../test/servers/x.ts';",
  }),
  declared.breaks(
    'used, not declared',
    { 'packages/hub/package.json': pack('hub'), 'packages/hub/src/a.ts': "import 'yaml';" },
    'packages/hub/src/a.ts',
  ),
  declared.breaks(
    'declared, not used',
    { 'packages/hub/package.json': pack('hub', 'yaml') },
    'packages/hub/package.json',
  ),
  declared.breaks(
    'used by a test only',
    { 'packages/hub/package.json': pack('hub', 'yaml'), 'packages/hub/src/a.test.ts': "import 'yaml';" },
    'packages/hub/package.json',
  ),
  declared.breaks(
    'a test may not use anything',
    {
      'package.json': root,
      'packages/hub/package.json': pack('hub'),
      'packages/hub/src/a.test.ts': "import 'yaml';",
    },
    'packages/hub/src/a.test.ts',
  ),
  declared.holds('used and declared', {
    'package.json': root,
    'packages/hub/package.json': pack('hub', 'yaml', '@a/b', '@types/hast', '@types/c__d'),
    'packages/hub/src/a.ts':
      "import 'yaml'; import '@a/b/part'; import type { R } from 'hast'; import 'node:fs'; import '@c/d';",
    'packages/hub/src/a.test.ts': "import 'vitest';",
  }),
  event.breaks(
    'event reads files',
    { 'packages/event/src/a.ts': "import { z } from 'zod';\nimport fs from 'node:fs';" },
    'packages/event/src/a.ts',
  ),
  event.holds('event reads zod', {
    'packages/event/src/a.ts': "import { z } from 'zod';\nexport * from './b.ts';",
  }),
];
