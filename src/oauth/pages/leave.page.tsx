import type { JSX } from 'preact';
import { Layout } from './parts/layout.js';
import { ImitationCaution } from './parts/imitation-caution.js';
import { DoneMessage } from './parts/messages.js';
import { PostForm } from './parts/post-form.js';
import { Trace } from './parts/trace.js';

/** How the page leads to a client: by a link, or by a form (`response_mode=form_post`). */
export type LeaveTarget = { href: string } | { action: string; fields: Readonly<Record<string, string>> };

export interface LeavePageProps {
  title: string;
  message: string;
  /** Whether `message` reports a success. */
  isDone?: boolean;
  advice?: string;
  clientName: string;
  /** Host or private scheme of the target. */
  host: string;
  imitatesProduct: boolean;
  /** Null: pages must not link to the address. */
  target: LeaveTarget | null;
  /** Name of the error; undefined: no error. */
  code?: string | undefined;
  requestId: string;
}

/** Asks a person whether to continue to an app that registered itself. Nothing happens automatically. */
export const LeavePage = (props: LeavePageProps): JSX.Element => (
  <Layout title={props.title}>
    {props.isDone ? <DoneMessage>{props.message}</DoneMessage> : <p>{props.message}</p>}
    {props.advice !== undefined && <p>{props.advice}</p>}
    <div class="client">
      <p class="client-name">
        <bdi>{props.clientName}</bdi>
      </p>
      <dl>
        <div>
          <dt>Wants to continue at</dt>
          <dd>
            <bdi>{props.host}</bdi>
          </dd>
        </div>
      </dl>
    </div>
    {props.imitatesProduct && <ImitationCaution />}
    <p class="muted">
      Your organization has not verified this app. Continue only if you know this address. Otherwise close this page.
    </p>
    <ContinueAction host={props.host} target={props.target} />
    {props.code !== undefined && <Trace code={props.code} requestId={props.requestId} />}
  </Layout>
);

function ContinueAction({ host, target }: Pick<LeavePageProps, 'host' | 'target'>): JSX.Element | null {
  if (target === null) return null;
  const label = (
    <span>
      Continue to <bdi>{host}</bdi>
    </span>
  );
  if ('action' in target)
    return (
      <PostForm action={target.action} hidden={target.fields}>
        <div class="actions">
          <button type="submit">{label}</button>
        </div>
      </PostForm>
    );
  return (
    <div class="actions">
      <a class="button" href={target.href} rel="noreferrer">
        {label}
      </a>
    </div>
  );
}
