/**
 * Every route declares who may call it. The guard refuses a route without a declaration; this test finds it earlier.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROUTE_ACCESS } from '../../src/auth/methods/route-access.js';

const SRC = resolve(import.meta.dirname, '../../src');
const CONTROLLER = /\.controller\.tsx?$/;
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

type Class = abstract new (...args: never[]) => object;

/** Metadata keys of Nest's route decorators. */
const PATH = 'path';
const METHOD = 'method';

async function controllers(): Promise<Class[]> {
  const modules: Record<string, unknown>[] = [];
  for (const file of files.filter((name) => CONTROLLER.test(name))) {
    modules.push((await import(join(SRC, file))) as Record<string, unknown>);
  }
  return modules
    .flatMap((module) => Object.values(module))
    .filter((value): value is Class => typeof value === 'function' && Reflect.hasMetadata(PATH, value));
}

const handlersOf = (controller: Class): string[] =>
  Object.getOwnPropertyNames(controller.prototype).filter((name) => {
    const { value } = Object.getOwnPropertyDescriptor(controller.prototype, name)!;
    return typeof value === 'function' && Reflect.hasMetadata(METHOD, value as object);
  });

describe('access declarations of routes', () => {
  it('every handler or its controller declares its access', async () => {
    const found = await controllers();
    const silent = found.flatMap((controller) =>
      handlersOf(controller)
        .filter((name) => {
          const handler = (controller.prototype as Record<string, object>)[name]!;
          return !Reflect.hasMetadata(ROUTE_ACCESS, handler) && !Reflect.hasMetadata(ROUTE_ACCESS, controller);
        })
        .map((name) => `${controller.name}.${name}`),
    );
    expect(found.length).toBeGreaterThan(10);
    expect(found.flatMap(handlersOf).length).toBeGreaterThan(40);
    expect(silent).toEqual([]);
  });

  it('every controller is in a *.controller.ts or *.controller.tsx file', () => {
    const strays = files.filter(
      (file) => !CONTROLLER.test(file) && /^@Controller\(/m.test(readFileSync(join(SRC, file), 'utf8')),
    );
    expect(strays).toEqual([]);
  });
});
