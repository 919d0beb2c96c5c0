/** `npm start`: the demonstration. This file loads nothing before it knows that Node can run the rest. */
const NODE_MAJOR_MIN = 24;

const fail = (line: string): never => {
  process.stderr.write(`${line}\n`);
  process.exit(1);
};

/** Of ours (`npm ci` was not run), or a real defect: then with all that Node says. */
function notLoaded(error: unknown): never {
  const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  if (!missing) throw error;
  return fail(`Something is not installed yet. Run "npm ci", then "npm start". (${error.message})`);
}

if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  fail(
    `Node ${NODE_MAJOR_MIN} is needed, this is ${process.version}. "npm ci" brings it; then run "npm start".`,
  );
}

const { main } = await import('./demo.ts').catch(notLoaded);
// Libraries may keep sockets open: what had to be finished is.
process.exit(await main(process.argv.slice(2)));
