#!/usr/bin/env node
import './guard.js';

await import('../src/main.ts');
