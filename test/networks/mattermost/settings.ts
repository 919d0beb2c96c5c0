/** What an administrator can set, in the server's names and with its defaults (public/model/config.go). */
export interface ServerSettings {
  SiteURL: string;
  SiteName: string;
  MaxPostSize: number;
  PostEditTimeLimit: number;
  UniqueEmojiReactionLimitPerPost: number;
  EnableIncomingWebhooks: boolean;
  EnablePostUsernameOverride: boolean;
  EnablePostIconOverride: boolean;
  EnableBotAccountCreation: boolean;
  EnableUserAccessTokens: boolean;
  EnableOpenServer: boolean;
  EnableUserCreation: boolean;
  MaxUsersPerTeam: number;
  MaxFileSize: number;
  EnableFileAttachments: boolean;
  EnablePublicLink: boolean;
  EnableCustomEmoji: boolean;
  EnableUserTypingMessages: boolean;
  EnableAPIPostDeletion: boolean;
  EnforceIncomingWebhookChannelLocking: boolean;
  ExperimentalEnableHardenedMode: boolean;
  MaximumPayloadSizeBytes: number;
  MaximumURLLength: number;
  MinimumPasswordLength: number;
  TeammateNameDisplay: string;
  ExperimentalViewArchivedChannels: boolean;
  RateLimit: RateLimitSettings;
}

export interface RateLimitSettings {
  enable: boolean;
  perSec: number;
  maxBurst: number;
  varyByUser: boolean;
}

export const DEFAULT_SETTINGS: ServerSettings = {
  SiteURL: '',
  SiteName: 'Mattermost',
  MaxPostSize: 16383,
  PostEditTimeLimit: -1,
  UniqueEmojiReactionLimitPerPost: 50,
  EnableIncomingWebhooks: true,
  EnablePostUsernameOverride: false,
  EnablePostIconOverride: false,
  EnableBotAccountCreation: false,
  EnableUserAccessTokens: false,
  EnableOpenServer: false,
  EnableUserCreation: true,
  MaxUsersPerTeam: 50,
  MaxFileSize: 100 * 1024 * 1024,
  EnableFileAttachments: true,
  EnablePublicLink: false,
  EnableCustomEmoji: true,
  EnableUserTypingMessages: true,
  EnableAPIPostDeletion: false,
  EnforceIncomingWebhookChannelLocking: false,
  ExperimentalEnableHardenedMode: false,
  MaximumPayloadSizeBytes: 300_000,
  MaximumURLLength: 2048,
  MinimumPasswordLength: 8,
  TeammateNameDisplay: 'username',
  ExperimentalViewArchivedChannels: true,
  RateLimit: { enable: false, perSec: 10, maxBurst: 100, varyByUser: false },
};

type Name = Exclude<keyof ServerSettings, 'RateLimit'>;

/** Where each stands in the configuration file; what is not named here stands in ServiceSettings. */
const SECTIONS: Partial<Record<Name, string>> = {
  SiteName: 'TeamSettings',
  EnableOpenServer: 'TeamSettings',
  EnableUserCreation: 'TeamSettings',
  MaxUsersPerTeam: 'TeamSettings',
  TeammateNameDisplay: 'TeamSettings',
  ExperimentalViewArchivedChannels: 'TeamSettings',
  MaxFileSize: 'FileSettings',
  EnableFileAttachments: 'FileSettings',
  EnablePublicLink: 'FileSettings',
  MinimumPasswordLength: 'PasswordSettings',
};
const RENAMED: Partial<Record<Name, string>> = { MinimumPasswordLength: 'MinimumLength' };
const RATE_LIMIT = { enable: 'Enable', perSec: 'PerSec', maxBurst: 'MaxBurst', varyByUser: 'VaryByUser' };

type Config = Record<string, Record<string, unknown>>;
const names = (settings: ServerSettings): Name[] =>
  Object.keys(settings).filter((name): name is Name => name !== 'RateLimit');

/** The whole configuration, in sections, as `GET /config` shows it to an administrator. */
export function configOf(settings: ServerSettings): Config {
  const config: Config = { RateLimitSettings: {} };
  for (const name of names(settings)) {
    const section = SECTIONS[name] ?? 'ServiceSettings';
    config[section] = { ...config[section], [RENAMED[name] ?? name]: settings[name] };
  }
  for (const [ours, theirs] of Object.entries(RATE_LIMIT)) {
    config.RateLimitSettings = {
      ...config.RateLimitSettings,
      [theirs]: settings.RateLimit[ours as keyof RateLimitSettings],
    };
  }
  return config;
}

/** Takes over what `PUT /config/patch` names; other keys a real server has are accepted and forgotten. */
export function patchSettings(settings: ServerSettings, patch: Config): void {
  for (const name of names(settings)) {
    const value = patch[SECTIONS[name] ?? 'ServiceSettings']?.[RENAMED[name] ?? name];
    if (typeof value === typeof settings[name]) Object.assign(settings, { [name]: value });
  }
  for (const [ours, theirs] of Object.entries(RATE_LIMIT)) {
    const value = patch.RateLimitSettings?.[theirs];
    if (value !== undefined) Object.assign(settings.RateLimit, { [ours]: value });
  }
}

const text = (value: boolean | number): string => String(value);

/** `GET /config/client?format=old`: a flat table in which everything is text. */
export const clientConfig = (settings: ServerSettings, version: string): Record<string, string> => ({
  Version: version,
  BuildNumber: version,
  BuildEnterpriseReady: 'false',
  SiteURL: settings.SiteURL,
  SiteName: settings.SiteName,
  MaxPostSize: text(settings.MaxPostSize),
  PostEditTimeLimit: text(settings.PostEditTimeLimit),
  UniqueEmojiReactionLimitPerPost: text(settings.UniqueEmojiReactionLimitPerPost),
  EnableBotAccountCreation: text(settings.EnableBotAccountCreation),
  EnableIncomingWebhooks: text(settings.EnableIncomingWebhooks),
  EnablePostUsernameOverride: text(settings.EnablePostUsernameOverride),
  EnablePostIconOverride: text(settings.EnablePostIconOverride),
  EnableUserAccessTokens: text(settings.EnableUserAccessTokens),
  EnableOpenServer: text(settings.EnableOpenServer),
  EnableFileAttachments: text(settings.EnableFileAttachments),
  EnablePublicLink: text(settings.EnablePublicLink),
  EnableCustomEmoji: text(settings.EnableCustomEmoji),
  EnableUserTypingMessages: text(settings.EnableUserTypingMessages),
  TimeBetweenUserTypingUpdatesMilliseconds: '5000',
  MaxFileSize: text(settings.MaxFileSize),
  TeammateNameDisplay: settings.TeammateNameDisplay,
  ExperimentalViewArchivedChannels: text(settings.ExperimentalViewArchivedChannels),
});

/** What everybody may see without a session. */
export const limitedClientConfig = (settings: ServerSettings, version: string): Record<string, string> => ({
  Version: version,
  BuildNumber: version,
  BuildEnterpriseReady: 'false',
  SiteURL: settings.SiteURL,
  SiteName: settings.SiteName,
  EnableOpenServer: text(settings.EnableOpenServer),
  EnableUserCreation: text(settings.EnableUserCreation),
});
