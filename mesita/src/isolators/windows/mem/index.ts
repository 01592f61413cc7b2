import { defineWindowsIsolator } from '../define.ts';

export default defineWindowsIsolator('windows/mem', 'Memory limits of Windows job objects');
