import type { JSX } from 'preact';
import { ImitationCaution } from './imitation-caution.js';
import { formatDay } from './instant.js';
import { Caution } from './messages.js';

/** An application, as known to the person who is asked about it. */
export interface DeviceClient {
  /** The application's own name. */
  name: string;
  /** URL of its home page, as the application states it. */
  uri?: string;
  /** Whether it registered itself, without review by the organization. */
  isSelfRegistered: boolean;
  /** Whether its name looks like the name of this product. */
  imitatesProduct: boolean;
  /** Who registered it for the organization, and when. Null: it registered itself, or it is part of the product. */
  registration: ClientRegistration | null;
  /** Host of its client-id metadata document: its only verified property. */
  clientIdHost?: string;
}

export interface ClientRegistration {
  /** Null: the person was deleted. */
  by: { name: string; email: string } | null;
  at: Date;
}

export interface RequestingClient extends DeviceClient {
  /** Where responses are sent: the host of the redirect URI, or its scheme. */
  host: string;
  isLoopbackOnly: boolean;
}

export type ClientCardProps = DeviceClient & Partial<RequestingClient>;

/**
 * Shows who asks. The name is the application's own choice. It is therefore separate from the gateway's sentences,
 * isolated from their writing direction, and above the verified facts.
 */
export function ClientCard({ name, host, uri, clientIdHost, registration, ...client }: ClientCardProps): JSX.Element {
  const homepage = toWebAddress(uri);
  return (
    <>
      <div class="client">
        <p class="client-name">
          <bdi>{name}</bdi>
        </p>
        <dl>
          {host !== undefined && (
            <ClientDetail term="Sends you back to">
              {client.isLoopbackOnly ? `this computer (${host})` : host}
            </ClientDetail>
          )}
          {clientIdHost !== undefined && <ClientDetail term="Published by">{clientIdHost}</ClientDetail>}
          {registration === null && !client.isSelfRegistered && (
            <ClientDetail term="Part of">this gateway</ClientDetail>
          )}
          {registration !== null && <ClientDetail term="Registered by">{formatRegistrant(registration)}</ClientDetail>}
          {registration !== null && <ClientDetail term="Registered on">{formatDay(registration.at)}</ClientDetail>}
          {homepage !== null && <ClientDetail term="Home page, as stated by the app">{homepage}</ClientDetail>}
        </dl>
      </div>
      {client.imitatesProduct && <ImitationCaution />}
      {client.isSelfRegistered && (
        <Caution title="Not verified by your organization">
          This app registered itself and may call itself anything. Continue only if you started this, in an app that you
          trust.
        </Caution>
      )}
      {client.isLoopbackOnly && (
        <Caution title="Runs on this computer">
          The result goes to a program on the computer that you are using now. If you did not just start one, do not go
          on.
        </Caution>
      )}
    </>
  );
}

function formatRegistrant({ by }: ClientRegistration): string {
  if (by === null) return 'a person who has left the organization';
  // A person invited by address only is shown by that address.
  return by.name === by.email ? by.email : `${by.name} (${by.email})`;
}

const ClientDetail = ({ term, children }: { term: string; children: string }): JSX.Element => (
  <div>
    <dt>{term}</dt>
    <dd>
      <bdi>{children}</bdi>
    </dd>
  </div>
);

/** Returns `text` as the URL of a web page, for display; null when it is not one. */
function toWebAddress(text: string | undefined): string | null {
  if (text === undefined || !URL.canParse(text)) return null;
  const { protocol, host, pathname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return null;
  return host + (pathname === '/' ? '' : pathname);
}
