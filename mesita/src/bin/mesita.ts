#!/usr/bin/env node
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { main } from '../cli/main.ts';
import { mesosVersion } from './daemon.ts';

const dist = fileURLToPath(new URL('.', import.meta.url));
process.exit(await main(process.argv.slice(2), { dist, version: mesosVersion }));
