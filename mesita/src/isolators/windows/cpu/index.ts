import { defineWindowsIsolator } from '../define.ts';

export default defineWindowsIsolator('windows/cpu', 'CPU limits of Windows job objects');
