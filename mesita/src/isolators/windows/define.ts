import { defineModule, ModuleSkipped } from '@mesita/sdk/module';

/** Known by name, so that who asks for it on Linux is told why there is none. */
export function defineWindowsIsolator(name: string, description: string) {
  return defineModule({
    kind: 'Isolator',
    name,
    description,
    create: () => {
      throw new ModuleSkipped(`it works on Windows only, and this is ${process.platform}`);
    },
  });
}
