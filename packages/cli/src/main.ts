#!/usr/bin/env node
import '../bin/guard.js';

// Only after the guard: an older Node would stumble over what this loads.
const { runProcess } = await import('./process.ts');
const { BRIDGES } = await import('./bridges.ts');

await runProcess(BRIDGES);
