#!/usr/bin/env node
import process from 'node:process';
import { executeMain } from '../cli/main.ts';

process.exit(await executeMain(process.argv.slice(2)));
