import { defineWindowsIsolator } from '../../windows/define.ts';

export default defineWindowsIsolator('filesystem/windows', 'Volumes as links on Windows');
