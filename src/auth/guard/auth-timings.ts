/** Reports the duration of the guard to telemetry. The guard does not depend on telemetry. */
import { Injectable } from '@nestjs/common';

export type AuthTimingListener = (method: string, milliseconds: number, cache: 'hit' | 'miss') => void;

@Injectable()
export class AuthTimings {
  #listener: AuthTimingListener = () => undefined;

  listen(listener: AuthTimingListener): void {
    this.#listener = listener;
  }

  observe(method: string, milliseconds: number, cache: 'hit' | 'miss'): void {
    this.#listener(method, milliseconds, cache);
  }
}
