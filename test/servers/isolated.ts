import { isRoot, NOBODY, SYSTEM_PATH } from './machine.ts';

/** A program and its arguments as spawn takes them. */
export interface Command {
  command: string;
  args: string[];
  /** The whole environment: nothing of ours is handed on. */
  env: Record<string, string>;
}

/** A program to run inside a prepared root folder. */
export interface Isolated {
  root: string;
  /** Folder of the host to be seen as /state inside. */
  state?: string;
  /** Absolute path inside, then arguments. */
  program: readonly string[];
  env?: Record<string, string>;
  /** Stay the user we are instead of becoming nobody; for preparing only. */
  privileged?: boolean;
}

/** Where the state folder is seen by a program inside a root folder. */
export const STATE = '/state';

// Every mount is made in a mount namespace that this process is alone in, so it ends with the process.
// Nothing forks: shell, chroot, setpriv and server are one process id after the other.
const ENTER = `set -e
root=$1 state=$2; shift 2
[ -z "$state" ] || mount --bind "$state" "$root${STATE}"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
exec chroot "$root" "$@"`;

/** The command that runs a program with a root folder as all its files, unprivileged, dying with us. */
export function isolated(what: Isolated): Command {
  const inside = [
    ...['/usr/bin/setpriv', '--pdeathsig', 'KILL', ...(what.privileged ? [] : dropPrivileges())],
    ...what.program,
  ];
  return {
    command: 'unshare',
    args: [...unshareOptions(), 'sh', '-c', ENTER, 'enter', what.root, what.state ?? '', ...inside],
    env: { ...ENVIRONMENT, HOME: STATE, TMPDIR: '/tmp', ...what.env },
  };
}

/** The command that runs a program of the machine itself, unprivileged, dying with us. */
export const onHost = (program: readonly string[]): Command => ({
  command: 'setpriv',
  args: ['--pdeathsig', 'KILL', ...dropPrivileges(), ...program],
  env: ENVIRONMENT,
});

const ENVIRONMENT = { PATH: SYSTEM_PATH, LANG: 'C.UTF-8' };

/** Options that give mount rights: root has them, others get them in a user namespace where allowed. */
export const unshareOptions = (): string[] => [
  ...(isRoot() ? [] : ['--user', '--map-root-user']),
  ...['--mount', '--propagation', 'private'],
];

// setpriv asks for the death signal after changing the user; the other way round the kernel would drop it.
const dropPrivileges = (): string[] =>
  isRoot() ? ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'] : [];
