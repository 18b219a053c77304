/** Promise: a response has one listener for any number of callbacks, and calls each one that was not removed. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { onceClosed } from './response-closed.js';

const response = (): ServerResponse => new EventEmitter() as ServerResponse;

it('a response has one close listener for any number of callbacks', () => {
  const one = response();
  for (let i = 0; i < 50; i++) onceClosed(one, () => undefined);
  expect(one.listenerCount('close')).toBe(1);
});

it('each callback that was not removed is called once', () => {
  const one = response();
  const heard: number[] = [];
  const stops = [1, 2, 3].map((i) => onceClosed(one, () => heard.push(i)));
  stops[1]!();
  one.emit('close');
  one.emit('close');
  expect(heard).toEqual([1, 3]);
});

it('callbacks of different responses are separate', () => {
  const [one, other] = [response(), response()];
  const heard: string[] = [];
  onceClosed(one, () => heard.push('one'));
  onceClosed(other, () => heard.push('other'));
  other.emit('close');
  expect(heard).toEqual(['other']);
});
