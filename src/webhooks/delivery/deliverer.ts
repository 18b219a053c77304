/**
 * Delivers the contents of the outbox, in every process. Several attempts run in parallel, but only a few per webhook,
 * so that a receiver that hangs delays only its own deliveries.
 */
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { WebhookOutbox } from '../../outbox/webhook-outbox.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { IntervalJob } from '../../platform/jobs/interval-job.js';
import { DeliveryQueue, type TakenDelivery } from './queue.js';
import { WebhookSender } from './sender.js';

/** Long enough for the transaction to have ended. */
const POLL_DELAY_MS = 200;
/** For deliveries that other processes append, and for retries. */
const POLL_INTERVAL_MS = 2_000;
const SWEEP_INTERVAL_MS = 60 * 60_000;
const MAX_PARALLEL_ATTEMPTS = 40;
const MAX_ATTEMPTS_PER_WEBHOOK = 4;

@Injectable()
export class WebhookDeliverer implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Attempts in flight, each with the id of its webhook. */
  readonly #running = new Map<Promise<void>, string>();
  #polls: Promise<number> = Promise.resolve(0);
  #timer: NodeJS.Timeout | undefined;
  #interval: NodeJS.Timeout | undefined;
  readonly #sweeps: IntervalJob;
  #isStopping = false;

  constructor(
    outbox: WebhookOutbox,
    private readonly queue: DeliveryQueue,
    private readonly sender: WebhookSender,
    private readonly logger: AppLogger,
  ) {
    const logError = (error: unknown): void =>
      logger.pino.warn({ err: error }, 'old webhook deliveries could not be deleted; retrying in an hour');
    this.#sweeps = new IntervalJob(() => queue.sweep(), logError, SWEEP_INTERVAL_MS);
    outbox.onAppend(() => this.#schedulePoll());
  }

  onApplicationBootstrap(): void {
    this.#interval = setInterval(() => void this.#poll(), POLL_INTERVAL_MS).unref();
    this.#sweeps.start();
  }

  /** Waits for attempts in flight. Other processes deliver the rest, or this one after its restart. */
  async onApplicationShutdown(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    clearInterval(this.#interval);
    await this.#sweeps.stop();
    await this.#polls;
    await Promise.all(this.#running.keys());
  }

  /** Attempts all due deliveries, and resolves when none is left. */
  async deliver(): Promise<void> {
    do await Promise.all(this.#running.keys());
    while ((await this.#poll()) > 0 || this.#running.size > 0);
  }

  #schedulePoll(): void {
    if (this.#isStopping) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#poll();
    }, POLL_DELAY_MS).unref();
  }

  /** Resolves with the number of attempts that it started. Calls in one process run one after another. */
  #poll(): Promise<number> {
    this.#polls = this.#polls.then(() => this.#takeDue());
    return this.#polls;
  }

  async #takeDue(): Promise<number> {
    const free = MAX_PARALLEL_ATTEMPTS - this.#running.size;
    if (free <= 0 || this.#isStopping) return 0;
    try {
      const deliveries = await this.queue.take(free, MAX_ATTEMPTS_PER_WEBHOOK, [...new Set(this.#running.values())]);
      for (const delivery of deliveries) this.#run(delivery);
      return deliveries.length;
    } catch (error) {
      this.logger.pino.warn({ err: error }, 'the webhook outbox could not be read; retrying');
      return 0;
    }
  }

  #run(delivery: TakenDelivery): void {
    const run = this.#attempt(delivery).finally(() => {
      this.#running.delete(run);
      this.#schedulePoll();
    });
    this.#running.set(run, delivery.webhookId);
  }

  async #attempt(delivery: TakenDelivery): Promise<void> {
    const outcome = await this.sender.attempt(delivery);
    try {
      await this.queue.finish(delivery, outcome);
    } catch (error) {
      this.logger.pino.warn(
        { err: error, deliveryId: delivery.id },
        'a webhook delivery attempt could not be recorded',
      );
    }
  }
}
