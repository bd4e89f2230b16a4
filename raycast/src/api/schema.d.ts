// Generated from service/openapi.json by `npm run generate`. Do not edit.
export interface paths {
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is the service well? */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Facts about this machine */
        get: operations["getSystem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A snapshot, then every state change */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All settings with their sources */
        get: operations["getSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change settings */
        patch: operations["updateSettings"];
        trace?: never;
    };
    "/api/aliases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Aliases and patterns with what answers them, the most specific first */
        get: operations["listAliases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/aliases/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set one alias or pattern; the others stay */
        put: operations["setAlias"];
        post?: never;
        /** Remove one alias or pattern */
        delete: operations["removeAlias"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/routing/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Who would answer a request, step by step; runs nothing */
        post: operations["testRouting"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs, newest first */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A job's log */
        get: operations["getJobLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a job */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The log of the gateway's requests, newest first */
        get: operations["listRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/requests/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests in figures, by model, day, client, agent, session and more */
        get: operations["getRequestStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/requests/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The log as a stream of JSON lines or CSV, oldest first */
        get: operations["exportRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One request, with its texts if they were kept */
        get: operations["getRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests, tokens, servers and memory for Prometheus */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** API keys by name, without the keys themselves */
        get: operations["listKeys"];
        put?: never;
        /** Make a key; this answer alone shows it */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a key back; its next request is refused */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hub/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search the Hub */
        get: operations["searchHub"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hub/models/{owner}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One model of the Hub */
        get: operations["getHubModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hub/models/{owner}/{name}/siblings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Other MLX conversions of the same base */
        get: operations["listHubSiblings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hub/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which Hugging Face token is in use, never the token */
        get: operations["getHubToken"];
        /** Check a token with the Hub, then store it */
        put: operations["setHubToken"];
        post?: never;
        /** Forget the stored token */
        delete: operations["deleteHubToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/downloads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Downloads, newest first */
        get: operations["listDownloads"];
        put?: never;
        /** Download a model; 200 with the active one if there is one */
        post: operations["createDownload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/downloads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One download */
        get: operations["getDownload"];
        put?: never;
        post?: never;
        /** Cancel and clean up */
        delete: operations["cancelDownload"];
        options?: never;
        head?: never;
        /** Change its priority */
        patch: operations["updateDownload"];
        trace?: never;
    };
    "/api/downloads/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause */
        post: operations["pauseDownload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/downloads/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume */
        post: operations["resumeDownload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/downloads/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try a failed one again */
        post: operations["retryDownload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The local library */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One local model */
        get: operations["getModel"];
        put?: never;
        post?: never;
        /** Delete a model's files; refused while in use */
        delete: operations["deleteModel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}/revisions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete one revision and what it alone uses; refused while in use */
        delete: operations["deleteModelRevision"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compare every file with its checksum; answers the active job if there is one */
        post: operations["verifyModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the last verification found */
        get: operations["getVerification"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}/probe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run it once and record what it can do; answers the active job if there is one */
        post: operations["probeModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}/convert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a quantized model of it in the library */
        post: operations["convertModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}/check-update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask the Hub whether there is a newer revision */
        post: operations["checkModelUpdate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the models take on the disk */
        get: operations["getModelUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/importable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models in the folders of other programs */
        get: operations["listImportable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use a model where it lies; nothing is copied */
        post: operations["importModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/clean": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** List, or remove, what downloads left behind */
        post: operations["cleanModels"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}/repair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fetch again what the last check found wrong, or what is missing */
        post: operations["repairModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}/load": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start the model's implicit profile */
        post: operations["loadModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/models/{owner}/{name}/unload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop every server of the model */
        post: operations["unloadModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/profiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Profiles */
        get: operations["listProfiles"];
        put?: never;
        /** Create a profile */
        post: operations["createProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/profiles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One profile */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        /** Delete a profile; refused while it serves */
        delete: operations["deleteProfile"];
        options?: never;
        head?: never;
        /** Change a profile; says what waits for a restart */
        patch: operations["updateProfile"];
        trace?: never;
    };
    "/api/profiles/{id}/duplicate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Copy a profile under a new slug */
        post: operations["duplicateProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/profiles/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A profile as a file, without secrets */
        get: operations["exportProfile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/profiles/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a profile of such a file */
        post: operations["importProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/profile-presets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Presets for new and present profiles */
        get: operations["listPresets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/profiles/{id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a server of the profile */
        post: operations["startProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/profiles/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop the profile's server */
        post: operations["stopProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/profiles/{id}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop, then start */
        post: operations["restartProfile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/profiles/{id}/placement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What each host of a cluster would hold */
        post: operations["previewPlacement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Servers, running first */
        get: operations["listServers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/servers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One server */
        get: operations["getServer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/servers/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A server's log as text, or line by line as events */
        get: operations["getServerLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/engines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Engines and their state */
        get: operations["listEngines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/engines/{id}/install": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Install; answers the active job if there is one */
        post: operations["installEngine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/engines/{id}/update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Install the version our lock pins */
        post: operations["updateEngine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/engines/{id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go back to the environment before; again: forward */
        post: operations["rollbackEngine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/engines/{id}/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Remove; refused while in use */
        post: operations["removeEngine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models that this machine shares */
        get: operations["listMirrorModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/models/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A shared model, its files or its refs */
        get: operations["readMirrorModel"];
        put?: never;
        /** Files and folders of a shared model by name */
        post: operations["findMirrorPaths"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/api/whoami-v2": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whose key this is, for clients of the Hub */
        get: operations["getMirrorAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hub/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file of a shared model; HEAD answers the same headers */
        get: operations["getMirrorFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/peers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Other services on the local network */
        get: operations["listPeers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models in OpenAI's shape */
        get: operations["listOpenAIModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One model in OpenAI's shape */
        get: operations["getOpenAIModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Chat, streamed or whole */
        post: operations["createChatCompletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A message in Anthropic's shape, streamed or whole */
        post: operations["createMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Vectors of texts */
        post: operations["createEmbeddings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/count_tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How many tokens a message's prompt has */
        post: operations["countMessageTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A text written on, streamed or whole */
        post: operations["createCompletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** OpenAI's Responses, streamed or whole */
        post: operations["createResponse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A response that was kept */
        get: operations["getResponse"];
        put?: never;
        post?: never;
        /** Forget a response */
        delete: operations["deleteResponse"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/input_tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How many tokens a response would read */
        post: operations["countResponseInput"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refused: no response runs in the background */
        post: operations["cancelResponse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{id}/input_items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a response was asked with */
        get: operations["listResponseItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which version of Ollama's API is spoken here */
        get: operations["getOllamaVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models in Ollama's shape */
        get: operations["listOllamaModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** One model in Ollama's shape */
        post: operations["showOllamaModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Loaded models in Ollama's shape */
        get: operations["listOllamaRunning"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Chat in Ollama's shape, streamed unless told not to */
        post: operations["createOllamaChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/generate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Complete a prompt in Ollama's shape */
        post: operations["createOllamaCompletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/embed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Embeddings of texts in Ollama's shape */
        post: operations["createOllamaEmbeddings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The embedding of one text in Ollama's older shape */
        post: operations["createOllamaEmbedding"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/pull": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Download a model, told line by line in Ollama's shape */
        post: operations["pullOllamaModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a model's files; refused while in use */
        delete: operations["deleteOllamaModel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Only the keys to change; null restores the default. */
        SettingsPatch: {
            defaultModel?: (string | null) | null;
            aliases?: {
                [key: string]: string;
            } | null;
            hubAuthor?: string | null;
            healthCheckIntervalSeconds?: number | null;
            portStart?: number | null;
            startDeadlineSeconds?: number | null;
            startDeadlineSecondsPerGigabyte?: number | null;
            probeDeadlineSeconds?: number | null;
            stallDeadlineSeconds?: number | null;
            stopGraceSeconds?: number | null;
            drainSeconds?: number | null;
            hubMetadataDeadlineSeconds?: number | null;
            segmentStallSeconds?: number | null;
            downloadConcurrency?: number | null;
            downloadConnections?: number | null;
            downloadBytesPerSecond?: (number | null) | null;
            fitContextTokens?: number | null;
            maxModels?: (number | null) | null;
            memoryLimitBytes?: (number | null) | null;
            idleUnloadSeconds?: number | null;
            queueLimit?: number | null;
            queueLimitPerModel?: number | null;
            queueDeadlineSeconds?: number | null;
            swapAfterRequests?: number | null;
            swapAfterSeconds?: number | null;
            routingRules?: components["schemas"]["RoutingRule"][] | null;
            mapBackgroundRequests?: boolean | null;
            fetchImages?: boolean | null;
            imageBytes?: number | null;
            imageDeadlineSeconds?: number | null;
            requestLogDays?: number | null;
            requestLogBytes?: number | null;
            storedResponseDays?: number | null;
            storedResponseBytes?: number | null;
            recordBodiesUntil?: (string | null) | null;
            mirrorEnabled?: boolean | null;
            discoverPeers?: boolean | null;
            checkForUpdates?: boolean | null;
        };
        RoutingRule: {
            when: components["schemas"]["RoutingReason"];
            /** @description Only for these, by the name that was asked or what it means; `*` for any text. */
            models?: string[];
            /** @description The profile of the kind `remote` that answers instead. */
            to: components["schemas"]["Slug"];
        };
        /** @enum {string} */
        RoutingReason: "prompt-too-long" | "model-not-here" | "image-without-vision";
        /** @example coder */
        Slug: string;
        AliasSet: {
            target: string;
        };
        RoutingQuestion: {
            /**
             * @description As a client would write it.
             * @default null
             */
            model: string | null;
            /**
             * @description Counted with the model's own tokenizer.
             * @default
             */
            prompt: string;
            /** @description In place of counting a prompt. */
            promptTokens?: number;
            /** @default 0 */
            images: number;
            /**
             * @description As `session` of a request's row.
             * @default null
             */
            session: string | null;
        };
        /** @enum {string} */
        JobKind: "engine-install" | "engine-remove" | "verify" | "probe" | "convert";
        /** @enum {string} */
        JobState: "queued" | "running" | "succeeded" | "failed" | "cancelled";
        OpaqueId: string;
        ApiKeyCreate: {
            name: string;
            /** @default inference */
            scope: components["schemas"]["KeyScope"];
            /**
             * @description Model ids and slugs of profiles that it may ask; null: every one.
             * @default null
             */
            models: string[] | null;
            /**
             * @description Null: no limit.
             * @default null
             */
            requestsPerMinute: number | null;
        };
        /**
         * @description `inference`: asking models alone. `admin`: everything.
         * @enum {string}
         */
        KeyScope: "admin" | "inference";
        /**
         * @description Always the most, newest or largest first.
         * @enum {string}
         */
        HubSort: "downloads" | "likes" | "updated" | "created" | "trending" | "size";
        /** @example main */
        Revision: string;
        HubTokenUpdate: {
            /**
             * Format: password
             * @description Mirrors may use another form than `hf_…`.
             */
            token: string;
        };
        /** @enum {string} */
        DownloadState: "queued" | "planning" | "downloading" | "paused" | "verifying" | "committing" | "completed" | "failed" | "cancelled";
        DownloadCreate: {
            model: components["schemas"]["ModelId"];
            /** @default main */
            revision: components["schemas"]["Revision"];
            /** @default normal */
            priority: components["schemas"]["DownloadPriority"];
            /** @description Glob patterns; left out: everything a model needs. */
            files?: string[];
        };
        /**
         * @example mlx-community/Qwen3-4B-4bit
         * @example mlx-manager/demo
         */
        ModelId: string;
        /**
         * @description A higher one takes the place of a lower one that is at work.
         * @enum {string}
         */
        DownloadPriority: "low" | "normal" | "high";
        DownloadPatch: {
            priority: components["schemas"]["DownloadPriority"];
        };
        ModelConvert: {
            /** @description Left out: the mode's own, 4 or 8. */
            bits?: number;
            /** @description Weights that share a scale. Left out: the mode's own. */
            groupSize?: number;
            /** @default affine */
            mode: components["schemas"]["ConversionMode"];
            /** @description Of what is not quantized. Left out: what the model's config names. */
            dtype?: components["schemas"]["ConversionDtype"];
            /** @description In place of `bits`, with the mode `affine`. */
            recipe?: components["schemas"]["ConversionRecipe"];
            /** @description Its name under `local/`. Left out: the model's, with what it becomes. */
            name?: string;
        };
        /** @enum {string} */
        ConversionMode: "affine" | "mxfp4" | "mxfp8" | "nvfp4";
        /** @enum {string} */
        ConversionDtype: "float16" | "bfloat16" | "float32";
        /** @enum {string} */
        ConversionRecipe: "mixed_2_6" | "mixed_3_4" | "mixed_3_6" | "mixed_4_6";
        ModelImport: {
            /** @description An absolute folder with config.json and safetensors. */
            path: string;
            name?: string;
        };
        ModelClean: {
            /** @default true */
            dryRun: boolean;
        };
        ProfileCreate: {
            slug: components["schemas"]["Slug"];
            /** @description May be left out for the kind `remote`: then it follows from the name that the model has there. */
            model?: components["schemas"]["ModelId"];
            /** @description Fills in what the request leaves open. */
            preset?: components["schemas"]["PresetId"];
            name?: string;
            /** @default main */
            revision: components["schemas"]["Revision"];
            /**
             * @description Null: it follows from the model.
             * @default null
             */
            engine: components["schemas"]["EngineId"] | null;
            /** @default {} */
            engineOptions: components["schemas"]["EngineOptions"];
            /** @default {} */
            sampling: components["schemas"]["SamplingDefaults"];
            /** @default null */
            systemPrompt: string | null;
            /** @default {} */
            limits: components["schemas"]["ProfileLimits"];
            /** @default {} */
            lifecycle: components["schemas"]["ProfileLifecycle"];
            /** @default process */
            kind: components["schemas"]["ProfileKind"];
            /** @default null */
            remote: components["schemas"]["RemoteAddress"] | null;
            remoteKey?: components["schemas"]["RemoteKey"];
            /** @default null */
            cluster: components["schemas"]["ProfileCluster"] | null;
        };
        /** @enum {string} */
        PresetId: "coding" | "creative" | "deterministic" | "long-context";
        /**
         * @description `remote`: a service elsewhere; nothing of it is installed here.
         * @enum {string}
         */
        EngineId: "mlx-lm" | "mlx-vlm" | "mlx-openai-server" | "remote";
        EngineOptions: {
            /** @description Runs code that the model ships. Off unless you say so. */
            trustRemoteCode?: boolean;
            /** @description A Jinja template in place of the model's own. */
            chatTemplate?: string;
            /** @description Variables of the chat template where a request does not set them. Act at once. */
            chatTemplateArguments?: {
                [key: string]: unknown;
            };
            /** @description A small local model of the same family that guesses ahead. Turns batching off. */
            draftModel?: components["schemas"]["ModelId"];
            /** @description Tokens it guesses at a time. */
            draftTokens?: number;
            /** @description LoRA adapter: a folder, or a local model, with adapter_config.json and adapters.safetensors. */
            adapterPath?: string;
            /**
             * @description Bits of the key-value cache: less memory for long contexts. Turns batching off.
             * @enum {number}
             */
            kvBits?: 2 | 3 | 4 | 6 | 8;
            /**
             * @description Values that share a scale.
             * @enum {number}
             */
            kvGroupSize?: 32 | 64 | 128;
            /** @description Position in the context from which on it is quantized. Left out: 0. */
            quantizedKvStart?: number;
            /** @description Conversations kept in the cache. */
            promptCacheSize?: number;
            /** @description Memory of that cache, at most. */
            promptCacheBytes?: number;
            /** @description Tokens of a prompt read at once. */
            prefillStepSize?: number;
            /** @description Answers written at once. */
            decodeConcurrency?: number;
            /** @description Prompts read at once. */
            promptConcurrency?: number;
        };
        SamplingDefaults: {
            temperature?: number;
            topP?: number;
            topK?: number;
            minP?: number;
            maxTokens?: number;
            repetitionPenalty?: number;
            presencePenalty?: number;
            frequencyPenalty?: number;
            /** @description The same answer each time. Turns batching off. */
            seed?: number;
        };
        ProfileLimits: {
            /** @description The longest prompt and answer together; memory is reserved for it. */
            contextTokens?: number;
            /** @description Requests at work at once; others wait. */
            concurrency?: number;
            /** @description What its process may take; a server that takes more is stopped. */
            memoryBytes?: number;
        };
        ProfileLifecycle: {
            /** @description Unloaded after so long without a request; 0: never. Left out: the setting. */
            ttlSeconds?: number;
            /** @description Never unloaded to make room for another. */
            pinned?: boolean;
            /** @description Started with the service. */
            autoStart?: boolean;
        };
        /** @enum {string} */
        ProfileKind: "process" | "cluster" | "remote";
        RemoteAddress: {
            /**
             * Format: uri
             * @description What `/chat/completions` is added to, such as https://api.example.com/v1.
             */
            baseUrl: string;
            /** @description The model's name there. */
            model: string;
            /** @description Sent with each request. No secrets. */
            headers?: {
                [key: string]: string;
            };
        };
        RemoteKey: string;
        ProfileCluster: {
            /** @description One rank each. The first is this machine: it serves. */
            hosts: components["schemas"]["ClusterHost"][];
            /**
             * @description Each layer over all ranks, or some layers on each.
             * @enum {string}
             */
            mode: "tensor" | "pipeline";
            /**
             * @description TCP, or RDMA over Thunderbolt 5.
             * @enum {string}
             */
            backend: "ring" | "jaccl" | "jaccl-ring";
            /** @description First port of the ranks among each other. Left out: one that is free here. */
            startingPort?: number;
        };
        ClusterHost: {
            /** @description As ssh takes it; 127.0.0.1 is this machine and needs no ssh. */
            host: string;
            /** @description Where the other ranks reach it. */
            ips: (string)[];
            /** @description JACCL: the device towards each rank, null for itself. */
            rdma?: (string | null)[];
        };
        /** @description Implicit profiles keep their model and have no slug. The reply says what waits for a restart. */
        ProfilePatch: {
            slug?: components["schemas"]["Slug"];
            model?: components["schemas"]["ModelId"];
            /** @description Laid over what the profile has, under what the request says. */
            preset?: components["schemas"]["PresetId"];
            name?: string;
            revision?: components["schemas"]["Revision"];
            /** @description Null: it follows from the model. */
            engine?: components["schemas"]["EngineId"] | null;
            engineOptions?: components["schemas"]["EngineOptions"];
            sampling?: components["schemas"]["SamplingDefaults"];
            systemPrompt?: string | null;
            limits?: components["schemas"]["ProfileLimits"];
            lifecycle?: components["schemas"]["ProfileLifecycle"];
            kind?: components["schemas"]["ProfileKind"];
            remote?: components["schemas"]["RemoteAddress"] | null;
            /** @description Null: forget it. */
            remoteKey?: components["schemas"]["RemoteKey"] | null;
            cluster?: components["schemas"]["ProfileCluster"] | null;
        };
        ProfileDuplicate: {
            slug: components["schemas"]["Slug"];
            name?: string;
        };
        ProfileExport: {
            /** @constant */
            format: "mlx-manager-profile";
            /** @constant */
            version: 1;
            profile: {
                slug: components["schemas"]["Slug"] | null;
                /** @description May be left out for the kind `remote`: then it follows from the name that the model has there. */
                model?: components["schemas"]["ModelId"];
                name?: string;
                /** @default main */
                revision: components["schemas"]["Revision"];
                /**
                 * @description Null: it follows from the model.
                 * @default null
                 */
                engine: components["schemas"]["EngineId"] | null;
                /** @default {} */
                engineOptions: components["schemas"]["EngineOptions"];
                /** @default {} */
                sampling: components["schemas"]["SamplingDefaults"];
                /** @default null */
                systemPrompt: string | null;
                /** @default {} */
                limits: components["schemas"]["ProfileLimits"];
                /** @default {} */
                lifecycle: components["schemas"]["ProfileLifecycle"];
                /** @default process */
                kind: components["schemas"]["ProfileKind"];
                /** @default null */
                remote: components["schemas"]["RemoteAddress"] | null;
                /** @default null */
                cluster: components["schemas"]["ProfileCluster"] | null;
            };
        };
        PlacementRequest: {
            /**
             * @description Also ask each host over ssh.
             * @default true
             */
            preflight: boolean;
        };
        /** @enum {string} */
        LogLevel: "debug" | "info" | "warning" | "error";
        /** @enum {string} */
        LocalEngineId: "mlx-lm" | "mlx-vlm" | "mlx-openai-server";
        /** @description One value, or several by repeating the key. */
        HubParameter: string | string[];
        MirrorPathsQuestion: {
            /** @default [] */
            paths: string | string[];
        } & {
            [key: string]: unknown;
        };
        ChatRequest: {
            model?: string | null;
            messages: components["schemas"]["ChatMessage"][];
            stream?: boolean | null;
            stream_options?: ({
                include_usage?: boolean | null;
            } & {
                [key: string]: unknown;
            }) | null;
            max_tokens?: number | null;
            max_completion_tokens?: number | null;
            temperature?: number | null;
            top_p?: number | null;
            top_k?: number | null;
            min_p?: number | null;
            presence_penalty?: number | null;
            frequency_penalty?: number | null;
            repetition_penalty?: number | null;
            seed?: number | null;
            stop?: (string | string[]) | null;
            tools?: ({
                /** @constant */
                type: "function";
                function: {
                    name: string;
                    description?: string | null;
                    parameters?: {
                        [key: string]: unknown;
                    } | null;
                    strict?: boolean | null;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[] | null;
            tool_choice?: (("none" | "auto" | "required") | ({
                /** @constant */
                type: "function";
                function: {
                    name: string;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })) | null;
            parallel_tool_calls?: boolean | null;
            response_format?: ({
                type: string;
            } & {
                [key: string]: unknown;
            }) | null;
            n?: number | null;
            logprobs?: boolean | null;
            top_logprobs?: number | null;
            logit_bias?: {
                [key: string]: number;
            } | null;
            reasoning_effort?: string | null;
            enable_thinking?: boolean | null;
            continue_final_message?: boolean | null;
            add_generation_prompt?: boolean | null;
            chat_template_kwargs?: {
                [key: string]: unknown;
            } | null;
            user?: string | null;
        } & {
            [key: string]: unknown;
        };
        ChatMessage: ({
            /** @constant */
            role: "system";
            content: string | (({
                /** @constant */
                type: "text";
                text: string;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "image_url";
                image_url: string | ({
                    url: string;
                } & {
                    [key: string]: unknown;
                });
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "input_audio";
                input_audio: {
                    data: string;
                    format?: string | null;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "refusal";
                refusal: string;
            } & {
                [key: string]: unknown;
            }))[];
        } & {
            [key: string]: unknown;
        }) | ({
            /** @constant */
            role: "developer";
            content: string | (({
                /** @constant */
                type: "text";
                text: string;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "image_url";
                image_url: string | ({
                    url: string;
                } & {
                    [key: string]: unknown;
                });
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "input_audio";
                input_audio: {
                    data: string;
                    format?: string | null;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "refusal";
                refusal: string;
            } & {
                [key: string]: unknown;
            }))[];
        } & {
            [key: string]: unknown;
        }) | ({
            /** @constant */
            role: "user";
            content: string | (({
                /** @constant */
                type: "text";
                text: string;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "image_url";
                image_url: string | ({
                    url: string;
                } & {
                    [key: string]: unknown;
                });
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "input_audio";
                input_audio: {
                    data: string;
                    format?: string | null;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "refusal";
                refusal: string;
            } & {
                [key: string]: unknown;
            }))[];
        } & {
            [key: string]: unknown;
        }) | ({
            /** @constant */
            role: "assistant";
            content?: (string | (({
                /** @constant */
                type: "text";
                text: string;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "image_url";
                image_url: string | ({
                    url: string;
                } & {
                    [key: string]: unknown;
                });
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "input_audio";
                input_audio: {
                    data: string;
                    format?: string | null;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "refusal";
                refusal: string;
            } & {
                [key: string]: unknown;
            }))[]) | null;
            reasoning_content?: string | null;
            reasoning?: string | null;
            tool_calls?: ({
                id: string;
                /**
                 * @default function
                 * @constant
                 */
                type: "function";
                function: {
                    name: string;
                    arguments: string;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[] | null;
        } & {
            [key: string]: unknown;
        }) | ({
            /** @constant */
            role: "tool";
            content: string | (({
                /** @constant */
                type: "text";
                text: string;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "image_url";
                image_url: string | ({
                    url: string;
                } & {
                    [key: string]: unknown;
                });
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "input_audio";
                input_audio: {
                    data: string;
                    format?: string | null;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "refusal";
                refusal: string;
            } & {
                [key: string]: unknown;
            }))[];
            tool_call_id: string;
        } & {
            [key: string]: unknown;
        });
        MessagesRequest: {
            model?: string | null;
            messages: components["schemas"]["AnthropicMessageParam"][];
            system?: (string | ({
                /** @constant */
                type: "text";
                text: string;
            } & {
                [key: string]: unknown;
            })[]) | null;
            tools?: ({
                type?: string | null;
                name?: string;
                description?: string | null;
                input_schema?: {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[] | null;
            tool_choice?: (({
                /** @constant */
                type: "auto";
                disable_parallel_tool_use?: boolean | null;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "any";
                disable_parallel_tool_use?: boolean | null;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "tool";
                name: string;
                disable_parallel_tool_use?: boolean | null;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "none";
            } & {
                [key: string]: unknown;
            })) | null;
            thinking?: ({
                /** @enum {string} */
                type: "enabled" | "disabled" | "adaptive";
                budget_tokens?: number | null;
            } & {
                [key: string]: unknown;
            }) | null;
            output_config?: ({
                effort?: string | null;
                format?: ({
                    /** @constant */
                    type: "json_schema";
                    schema: {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                }) | null;
            } & {
                [key: string]: unknown;
            }) | null;
            output_format?: ({
                /** @constant */
                type: "json_schema";
                schema: {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            }) | null;
            max_tokens: number;
            stream?: boolean | null;
            stop_sequences?: string[] | null;
            temperature?: number | null;
            top_p?: number | null;
            top_k?: number | null;
        } & {
            [key: string]: unknown;
        };
        AnthropicMessageParam: ({
            /** @constant */
            role: "user";
            content: string | (({
                /** @constant */
                type: "text";
                text: string;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "image";
                source: ({
                    /** @constant */
                    type: "base64";
                    /** @enum {string} */
                    media_type: "image/jpeg" | "image/png" | "image/gif" | "image/webp";
                    data: string;
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "url";
                    url: string;
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "file";
                    file_id: string;
                } & {
                    [key: string]: unknown;
                });
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "document";
                title?: string | null;
                context?: string | null;
                source: ({
                    /** @constant */
                    type: "text";
                    data: string;
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "content";
                    content: string | (({
                        /** @constant */
                        type: "text";
                        text: string;
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "image";
                        source: ({
                            /** @constant */
                            type: "base64";
                            /** @enum {string} */
                            media_type: "image/jpeg" | "image/png" | "image/gif" | "image/webp";
                            data: string;
                        } & {
                            [key: string]: unknown;
                        }) | ({
                            /** @constant */
                            type: "url";
                            url: string;
                        } & {
                            [key: string]: unknown;
                        }) | ({
                            /** @constant */
                            type: "file";
                            file_id: string;
                        } & {
                            [key: string]: unknown;
                        });
                    } & {
                        [key: string]: unknown;
                    }))[];
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "base64";
                    media_type: string;
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "url";
                    url: string;
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "file";
                    file_id: string;
                } & {
                    [key: string]: unknown;
                });
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "search_result";
                source: string;
                title: string;
                content: ({
                    /** @constant */
                    type: "text";
                    text: string;
                } & {
                    [key: string]: unknown;
                })[];
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "tool_result";
                tool_use_id: string;
                content?: (string | (({
                    /** @constant */
                    type: "text";
                    text: string;
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "image";
                    source: ({
                        /** @constant */
                        type: "base64";
                        /** @enum {string} */
                        media_type: "image/jpeg" | "image/png" | "image/gif" | "image/webp";
                        data: string;
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "url";
                        url: string;
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "file";
                        file_id: string;
                    } & {
                        [key: string]: unknown;
                    });
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "document";
                    title?: string | null;
                    context?: string | null;
                    source: ({
                        /** @constant */
                        type: "text";
                        data: string;
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "content";
                        content: string | (({
                            /** @constant */
                            type: "text";
                            text: string;
                        } & {
                            [key: string]: unknown;
                        }) | ({
                            /** @constant */
                            type: "image";
                            source: ({
                                /** @constant */
                                type: "base64";
                                /** @enum {string} */
                                media_type: "image/jpeg" | "image/png" | "image/gif" | "image/webp";
                                data: string;
                            } & {
                                [key: string]: unknown;
                            }) | ({
                                /** @constant */
                                type: "url";
                                url: string;
                            } & {
                                [key: string]: unknown;
                            }) | ({
                                /** @constant */
                                type: "file";
                                file_id: string;
                            } & {
                                [key: string]: unknown;
                            });
                        } & {
                            [key: string]: unknown;
                        }))[];
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "base64";
                        media_type: string;
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "url";
                        url: string;
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "file";
                        file_id: string;
                    } & {
                        [key: string]: unknown;
                    });
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "search_result";
                    source: string;
                    title: string;
                    content: ({
                        /** @constant */
                        type: "text";
                        text: string;
                    } & {
                        [key: string]: unknown;
                    })[];
                } & {
                    [key: string]: unknown;
                }) | ({
                    /** @constant */
                    type: "tool_reference";
                    tool_name: string;
                } & {
                    [key: string]: unknown;
                }))[]) | null;
                is_error?: boolean | null;
            } & {
                [key: string]: unknown;
            }))[];
        } & {
            [key: string]: unknown;
        }) | ({
            /** @constant */
            role: "assistant";
            content: string | (({
                /** @constant */
                type: "text";
                text: string;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "thinking";
                thinking: string;
                signature?: string | null;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "redacted_thinking";
            } & {
                [key: string]: unknown;
            }) | ({
                /** @constant */
                type: "tool_use";
                id: string;
                name: string;
                input: unknown;
            } & {
                [key: string]: unknown;
            }))[];
        } & {
            [key: string]: unknown;
        }) | ({
            /** @constant */
            role: "system";
            content: string | ({
                /** @constant */
                type: "text";
                text: string;
            } & {
                [key: string]: unknown;
            })[];
        } & {
            [key: string]: unknown;
        });
        EmbeddingsRequest: {
            model?: string | null;
            input: string | string[] | number[] | number[][];
            encoding_format?: ("float" | "base64") | null;
            dimensions?: number | null;
            user?: string | null;
        } & {
            [key: string]: unknown;
        };
        CompletionRequest: {
            model?: string | null;
            prompt: string | unknown[];
            stream?: boolean | null;
            stream_options?: ({
                include_usage?: boolean | null;
            } & {
                [key: string]: unknown;
            }) | null;
            max_tokens?: number | null;
            temperature?: number | null;
            top_p?: number | null;
            top_k?: number | null;
            min_p?: number | null;
            presence_penalty?: number | null;
            frequency_penalty?: number | null;
            repetition_penalty?: number | null;
            seed?: number | null;
            stop?: (string | string[]) | null;
            logit_bias?: {
                [key: string]: number;
            } | null;
            n?: number | null;
            best_of?: number | null;
            echo?: boolean | null;
            suffix?: string | null;
            logprobs?: number | null;
            user?: string | null;
        } & {
            [key: string]: unknown;
        };
        ResponseRequest: {
            model?: string | null;
            input?: (string | ({
                type?: string | null;
            } & {
                [key: string]: unknown;
            })[]) | null;
            instructions?: string | null;
            previous_response_id?: string | null;
            stream?: boolean | null;
            store?: boolean | null;
            tools?: ({
                type: string;
                name?: string | null;
            } & {
                [key: string]: unknown;
            })[] | null;
            tool_choice?: (("none" | "auto" | "required") | ({
                type: string;
                name?: string | null;
                mode?: ("auto" | "required") | null;
                tools?: ({
                    type: string;
                    name?: string | null;
                } & {
                    [key: string]: unknown;
                })[] | null;
            } & {
                [key: string]: unknown;
            })) | null;
            parallel_tool_calls?: boolean | null;
            max_output_tokens?: number | null;
            max_tool_calls?: number | null;
            temperature?: number | null;
            top_p?: number | null;
            top_k?: number | null;
            min_p?: number | null;
            presence_penalty?: number | null;
            frequency_penalty?: number | null;
            repetition_penalty?: number | null;
            seed?: number | null;
            reasoning?: ({
                effort?: string | null;
                summary?: string | null;
            } & {
                [key: string]: unknown;
            }) | null;
            text?: ({
                format?: ({
                    type: string;
                } & {
                    [key: string]: unknown;
                }) | null;
                verbosity?: string | null;
            } & {
                [key: string]: unknown;
            }) | null;
            include?: string[] | null;
            truncation?: string | null;
            metadata?: {
                [key: string]: string;
            } | null;
            background?: boolean | null;
            service_tier?: string | null;
            safety_identifier?: string | null;
            prompt_cache_key?: string | null;
            user?: string | null;
            chat_template_kwargs?: {
                [key: string]: unknown;
            } | null;
        } & {
            [key: string]: unknown;
        };
        OllamaShowRequest: {
            model?: string | null;
            name?: string | null;
        } & {
            [key: string]: unknown;
        };
        OllamaChatRequest: {
            model?: string | null;
            /** @description Left out: true. */
            stream?: boolean | null;
            format?: (string | {
                [key: string]: unknown;
            }) | null;
            think?: boolean | string | null;
            /** @description How long the model stays loaded after it: seconds or a duration such as 5m; 0: not at all; negative: for good. */
            keep_alive?: number | string | null;
            options?: ({
                temperature?: number | null;
                top_p?: number | null;
                top_k?: number | null;
                min_p?: number | null;
                /** @description Negative: another answer each time. */
                seed?: number | null;
                /** @description 0 and less: as long as there is room. */
                num_predict?: number | null;
                stop?: (string | string[]) | null;
                repeat_penalty?: number | null;
                presence_penalty?: number | null;
                frequency_penalty?: number | null;
            } & {
                [key: string]: unknown;
            }) | null;
            /** @description None: only load the model, or unload it. */
            messages?: components["schemas"]["OllamaMessage"][] | null;
            tools?: ({
                type?: string | null;
                function?: ({
                    name: string;
                    description?: string | null;
                    parameters?: {
                        [key: string]: unknown;
                    } | null;
                } & {
                    [key: string]: unknown;
                }) | null;
            } & {
                [key: string]: unknown;
            })[] | null;
        } & {
            [key: string]: unknown;
        };
        OllamaMessage: {
            /** @enum {string} */
            role: "system" | "developer" | "user" | "assistant" | "tool";
            content?: string | null;
            thinking?: string | null;
            /** @description Base64, without a type: it is read from the bytes. */
            images?: string[] | null;
            tool_calls?: ({
                id?: string | null;
                function: {
                    name: string;
                    arguments?: ({
                        [key: string]: unknown;
                    } | string) | null;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[] | null;
            tool_name?: string | null;
            tool_call_id?: string | null;
        } & {
            [key: string]: unknown;
        };
        OllamaGenerateRequest: {
            model?: string | null;
            /** @description Left out: true. */
            stream?: boolean | null;
            format?: (string | {
                [key: string]: unknown;
            }) | null;
            think?: boolean | string | null;
            /** @description How long the model stays loaded after it: seconds or a duration such as 5m; 0: not at all; negative: for good. */
            keep_alive?: number | string | null;
            options?: ({
                temperature?: number | null;
                top_p?: number | null;
                top_k?: number | null;
                min_p?: number | null;
                /** @description Negative: another answer each time. */
                seed?: number | null;
                /** @description 0 and less: as long as there is room. */
                num_predict?: number | null;
                stop?: (string | string[]) | null;
                repeat_penalty?: number | null;
                presence_penalty?: number | null;
                frequency_penalty?: number | null;
            } & {
                [key: string]: unknown;
            }) | null;
            /** @description Empty: only load the model, or unload it. */
            prompt?: string | null;
            system?: string | null;
            images?: string[] | null;
        } & {
            [key: string]: unknown;
        };
        OllamaEmbedRequest: {
            model?: string | null;
            input?: (string | string[]) | null;
            truncate?: boolean | null;
            dimensions?: number | null;
            /** @description How long the model stays loaded after it: seconds or a duration such as 5m; 0: not at all; negative: for good. */
            keep_alive?: number | string | null;
            options?: {
                [key: string]: unknown;
            } | null;
        } & {
            [key: string]: unknown;
        };
        OllamaEmbeddingsRequest: {
            model?: string | null;
            prompt?: string | null;
            /** @description How long the model stays loaded after it: seconds or a duration such as 5m; 0: not at all; negative: for good. */
            keep_alive?: number | string | null;
            options?: {
                [key: string]: unknown;
            } | null;
        } & {
            [key: string]: unknown;
        };
        OllamaPullRequest: {
            model?: string | null;
            name?: string | null;
            /** @description Left out: true. */
            stream?: boolean | null;
        } & {
            [key: string]: unknown;
        };
        OllamaDeleteRequest: {
            model?: string | null;
            name?: string | null;
        } & {
            [key: string]: unknown;
        };
        /**
         * Format: date-time
         * @description ISO-8601 time in UTC.
         */
        Timestamp: string;
        Download: {
            id: components["schemas"]["OpaqueId"];
            model: components["schemas"]["ModelId"];
            /** @description What was asked for, for example `main`. */
            revision: components["schemas"]["Revision"];
            /** @description The commit sha it was pinned to while planning. */
            commit: string | null;
            state: components["schemas"]["DownloadState"];
            pauseReason: components["schemas"]["PauseReason"] | null;
            priority: components["schemas"]["DownloadPriority"];
            bytesDone: components["schemas"]["Bytes"];
            /** @description Of the bytes done: checked so far. Reaches the total in `verifying`. */
            bytesVerified: components["schemas"]["Bytes"];
            bytesTotal: components["schemas"]["Bytes"] | null;
            filesDone: number;
            filesTotal: number | null;
            bytesPerSecond: number | null;
            secondsLeft: number | null;
            /** @description Open right now; 0 when nothing is fetched. */
            connections: number;
            error: components["schemas"]["Failure"] | null;
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            finishedAt: components["schemas"]["Timestamp"] | null;
        };
        /** @enum {string} */
        PauseReason: "user" | "disk_full";
        /** @description A size in bytes. */
        Bytes: number;
        Failure: {
            code: components["schemas"]["ErrorCode"];
            message: string;
            details?: {
                [key: string]: unknown;
            };
        };
        /**
         * @description The list may grow: treat an unknown code as `internal`.
         * @enum {string}
         */
        ErrorCode: "invalid_request" | "unauthorized" | "forbidden" | "forbidden_origin" | "forbidden_host" | "not_found" | "model_not_found" | "revision_not_found" | "repo_not_found_or_private" | "method_not_allowed" | "conflict" | "model_in_use" | "payload_too_large" | "unsupported_media_type" | "insufficient_memory" | "disk_full" | "gated_no_token" | "gated_not_accepted" | "token_invalid" | "rate_limited" | "queue_full" | "offline" | "hub_unreachable" | "endpoint_not_a_hub" | "proxy_failed" | "tls_failed" | "checksum_mismatch" | "engine_not_installed" | "engine_failed" | "engine_timeout" | "context_overflow" | "unsupported" | "service_stopping" | "internal";
        Engine: {
            id: components["schemas"]["LocalEngineId"];
            state: components["schemas"]["EngineState"];
            /** @description The installed version. */
            version: string | null;
            /** @description The version our lock pins. */
            availableVersion: string;
            pythonVersion: string | null;
            lockHash: string | null;
            sizeBytes: number | null;
            /** @description The environment before, kept for `rollback`. */
            previousVersion: string | null;
            /** @description The active installation. */
            jobId: string | null;
            /** @description Why it is broken or unsupported. */
            reason: components["schemas"]["Failure"] | null;
            installedAt: components["schemas"]["Timestamp"] | null;
        };
        /** @enum {string} */
        EngineState: "absent" | "installing" | "installed" | "updating" | "broken" | "unsupported";
        HubModel: {
            id: components["schemas"]["ModelId"];
            author: string;
            /** @description What a download puts on disk. */
            sizeBytes: components["schemas"]["Bytes"] | null;
            /** @description True until the files' own sizes are known. */
            sizeIsEstimate: boolean;
            /** @description The files of weights alone. */
            weightBytes: components["schemas"]["Bytes"] | null;
            parameters: number | null;
            quantization: components["schemas"]["Quantization"] | null;
            architecture: string | null;
            /** @description Whether an engine of ours runs the architecture. */
            supported: boolean | null;
            engines: components["schemas"]["EngineId"][];
            contextLength: number | null;
            capabilities: components["schemas"]["Capability"][];
            license: string | null;
            /** @description The repository it was made from, as its card says. */
            baseModel: string | null;
            downloads: number | null;
            likes: number | null;
            trending: number | null;
            gated: components["schemas"]["Gated"];
            private: boolean;
            createdAt: components["schemas"]["Timestamp"] | null;
            updatedAt: components["schemas"]["Timestamp"] | null;
            /** @description Already in the local library. */
            here: boolean;
            /** @description The active download of this model, if any. */
            downloadId: string | null;
            /** @description False while only the listing is known; `hub-model.changed` tells when more is. */
            detailed: boolean;
            fit: components["schemas"]["Fit"];
        };
        Quantization: {
            bits: number | null;
            groupSize: number | null;
            mode: string | null;
            /** @description Bits a parameter takes in the files, scales and unquantized layers included: 4.5 for plain 4-bit. */
            effectiveBits: number | null;
            /** @description For people, for example `4-bit` or `bf16`. */
            label: string;
        };
        /** @enum {string} */
        Capability: "chat" | "vision" | "audio" | "tools" | "thinking" | "embeddings";
        /** @enum {string} */
        Gated: "no" | "auto" | "manual";
        Fit: {
            verdict: components["schemas"]["FitVerdict"];
            /** @description True for easy, fits and tight; null when the size is unknown. */
            fits: boolean | null;
            /** @description The context counted with, at most the model's own. */
            contextTokens: number;
            /** @description Weights, cache and overhead together. */
            neededBytes: components["schemas"]["Bytes"] | null;
            weightBytes: components["schemas"]["Bytes"] | null;
            /** @description Keys, values and states of all layers; null when not known. */
            kvBytes: components["schemas"]["Bytes"] | null;
            /** @description The engine itself and what a step of the prompt takes. */
            overheadBytes: components["schemas"]["Bytes"] | null;
            limitBytes: components["schemas"]["Bytes"];
            /** @description The longest context that still fits, at most the model's own; 0 = none, null = unknown. */
            largestContext: number | null;
            /**
             * @description `formula` knows how the architecture caches; `plain-formula` assumes that every layer keeps the whole context.
             * @enum {string}
             */
            method: "formula" | "plain-formula" | "weights-only" | "measured";
        };
        /** @enum {string} */
        FitVerdict: "easy" | "fits" | "tight" | "too-large" | "unknown";
        Job: {
            id: components["schemas"]["OpaqueId"];
            kind: components["schemas"]["JobKind"];
            /** @description What the job works on: an engine id, `owner/name@commit`, or for a conversion the model that it makes. */
            subject: string;
            state: components["schemas"]["JobState"];
            phase: string | null;
            done: number | null;
            total: number | null;
            unit: ("bytes" | "packages" | "steps") | null;
            error: components["schemas"]["Failure"] | null;
            createdAt: components["schemas"]["Timestamp"];
            startedAt: components["schemas"]["Timestamp"] | null;
            finishedAt: components["schemas"]["Timestamp"] | null;
        };
        ProfileView: {
            id: components["schemas"]["OpaqueId"];
            /** @description Null for implicit profiles: they answer to the model id. */
            slug: components["schemas"]["Slug"] | null;
            name: string;
            implicit: boolean;
            model: components["schemas"]["ModelId"];
            /** @description `main` follows the newest local revision; a commit pins it. */
            revision: components["schemas"]["Revision"];
            engine: components["schemas"]["EngineId"];
            engineOptions: components["schemas"]["EngineOptions"];
            sampling: components["schemas"]["SamplingDefaults"];
            systemPrompt: string | null;
            engineChoice: components["schemas"]["EngineChoice"];
            limits: components["schemas"]["ProfileLimits"];
            lifecycle: components["schemas"]["ProfileLifecycle"];
            kind: components["schemas"]["ProfileKind"];
            /** @description Where a profile of the kind `remote` is served. */
            remote: components["schemas"]["ProfileRemote"] | null;
            /** @description The hosts of a profile of the kind `cluster`. */
            cluster: components["schemas"]["ProfileCluster"] | null;
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            batching: components["schemas"]["Batching"];
        };
        EngineChoice: {
            /** @enum {string} */
            by: "profile" | "model";
            /** @description Why this engine serves it. */
            reason: string;
        };
        ProfileRemote: {
            /**
             * Format: uri
             * @description What `/chat/completions` is added to, such as https://api.example.com/v1.
             */
            baseUrl: string;
            /** @description The model's name there. */
            model: string;
            /** @description Sent with each request. No secrets. */
            headers?: {
                [key: string]: string;
            };
            /** @description A key is stored for it. It is never shown. */
            hasKey: boolean;
        };
        Batching: {
            on: boolean;
            /** @description What turns it off. */
            reason: string | null;
        };
        RequestEntry: {
            /** @description As in the answer's header `x-request-id`. */
            id: string;
            startedAt: components["schemas"]["Timestamp"];
            finishedAt: components["schemas"]["Timestamp"];
            protocol: string;
            path: string;
            streamed: boolean;
            /** @description The program that asked, as it names itself. */
            client: string | null;
            /** @description The named key it came with; null: another key, or none. */
            keyId: string | null;
            /** @description The coding agent behind it, where its requests tell. */
            agent: string | null;
            /** @description The client's conversation; the same for all its requests. */
            session: string | null;
            /** @description Asked by an agent that another one has sent. */
            subagent: boolean;
            /** @description The name the client wrote. */
            requestedModel: string | null;
            /** @description Who was to answer; null: refused before that was clear. */
            model: string | null;
            /** @description Why somebody else answered than was asked; null: nobody else did. */
            route: string | null;
            profileId: string | null;
            serverId: string | null;
            engine: string | null;
            /** @description Of the answer; of its end for a stream that failed; 499: the client left. */
            status: number;
            finishReason: string | null;
            errorCode: string | null;
            /** @description Who failed: gateway or engine. */
            errorSource: string | null;
            clientLeft: boolean;
            inputTokens: number | null;
            outputTokens: number | null;
            cachedTokens: number | null;
            reasoningTokens: number | null;
            /** @description Waited for a place. */
            queueMs: number | null;
            /** @description Waited for the model to load. */
            loadMs: number | null;
            /** @description From its arrival until an engine took it. */
            waitMs: number | null;
            /** @description From its arrival to the first token. */
            firstTokenMs: number | null;
            durationMs: number;
            /** @description After the first token. */
            tokensPerSecond: number | null;
            /** @description Which models were unloaded to make room for its own. */
            swapCause: string | null;
            /** @description Names of keys the client sent that nothing understands. */
            droppedKeys: string[];
        };
        Server: {
            id: components["schemas"]["OpaqueId"];
            profileId: components["schemas"]["OpaqueId"];
            /** @description The profile's slug, or the model id of an implicit one. */
            profile: string;
            model: components["schemas"]["ModelId"];
            revision: string;
            engine: components["schemas"]["EngineId"];
            /** @enum {string} */
            kind: "process" | "cluster" | "remote";
            state: components["schemas"]["ServerState"];
            /** @description What it is doing while it starts. */
            phase: string | null;
            pid: number | null;
            port: number | null;
            inFlight: number;
            /** @description Requests that have no place at it yet. */
            waiting: number;
            /** @description Never unloaded to make room for another. */
            pinned: boolean;
            /** @description What is kept free for it, from when it may load until it is gone. */
            reservedBytes: components["schemas"]["Bytes"];
            /** @description When it is unloaded if no request comes; null: never. */
            expiresAt: components["schemas"]["Timestamp"] | null;
            /** @description As it was started; null when it is over. */
            batching: components["schemas"]["Batching"] | null;
            /** @description It runs with older values; a restart takes the new ones up. */
            needsRestart: boolean;
            /** @description Which values those are, such as `engineOptions.kvBits`. */
            restartKeys: string[];
            memory: components["schemas"]["MemoryReading"] | null;
            cpuPercent: number | null;
            tokensPerSecond: number | null;
            totalTokens: number;
            restarts: number;
            healthStatus: components["schemas"]["HealthStatus"];
            lastCheckedAt: components["schemas"]["Timestamp"] | null;
            failureCount: number;
            lastError: components["schemas"]["Failure"] | null;
            /** @description Why it was unloaded (`evicted`). */
            endedBecause: string | null;
            stderrTail: string[];
            createdAt: components["schemas"]["Timestamp"];
            startedAt: components["schemas"]["Timestamp"] | null;
            readyAt: components["schemas"]["Timestamp"] | null;
            uptimeSeconds: number | null;
            stoppedAt: components["schemas"]["Timestamp"] | null;
        };
        /** @enum {string} */
        ServerState: "queued" | "starting" | "warming" | "ready" | "unhealthy" | "restarting" | "stopping" | "stopped" | "failed" | "evicted";
        MemoryReading: {
            footprintBytes: components["schemas"]["Bytes"];
            /** @enum {string} */
            method: "phys_footprint" | "pss" | "rss";
            engine?: {
                activeBytes: components["schemas"]["Bytes"];
                cacheBytes: components["schemas"]["Bytes"];
                peakBytes: components["schemas"]["Bytes"];
            };
            at: components["schemas"]["Timestamp"];
        };
        /** @enum {string} */
        HealthStatus: "healthy" | "unhealthy" | "unknown";
        MachineMemory: {
            totalBytes: components["schemas"]["Bytes"];
            /** @description What models may use: the GPU's wired limit on a Mac, the cgroup or total memory elsewhere. */
            limitBytes: components["schemas"]["Bytes"];
            availableBytes: components["schemas"]["Bytes"];
            pressure: ("normal" | "warning" | "critical") | null;
            method: string;
        };
        /** @description Each setting with where its value comes from; `environment` cannot be changed here. */
        Settings: {
            defaultModel: {
                /** @description Answers requests without a `model`. Null: the first real model, else the demo. */
                value: string | null;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            aliases: {
                /** @description Other names for profiles or models, `{name: target}`. A name with `*` stands for all that fit; the most specific one answers. */
                value: {
                    [key: string]: string;
                };
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            hubAuthor: {
                /** @description Default author filter of the search; empty = all. */
                value: string;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            healthCheckIntervalSeconds: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            portStart: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            startDeadlineSeconds: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            startDeadlineSecondsPerGigabyte: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            probeDeadlineSeconds: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            stallDeadlineSeconds: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            stopGraceSeconds: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            drainSeconds: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            hubMetadataDeadlineSeconds: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            segmentStallSeconds: {
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            downloadConcurrency: {
                /** @description Downloads at work at once. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            downloadConnections: {
                /** @description Connections of all downloads together, at most. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            downloadBytesPerSecond: {
                /** @description All downloads together. Null: no limit. */
                value: number | null;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            fitContextTokens: {
                /** @description The context for which memory is predicted where a question names none. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            maxModels: {
                /** @description Models on this machine loaded at once. Null: as many as fit. */
                value: number | null;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            memoryLimitBytes: {
                /** @description What all servers together may take. Null, or above it: what the machine gives to models. */
                value: number | null;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            idleUnloadSeconds: {
                /** @description A model is unloaded after so long without a request, unless its profile says otherwise; 0: never. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            queueLimit: {
                /** @description Requests that wait for a place, of all models. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            queueLimitPerModel: {
                /** @description Requests that wait for one model. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            queueDeadlineSeconds: {
                /** @description How long a request waits for a place. The loading of its model does not count. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            swapAfterRequests: {
                /** @description While another model waits for its room, a busy model answers so many requests more; then it makes way. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            swapAfterSeconds: {
                /** @description While another model waits for its room, a busy model takes requests so long; then it makes way. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            routingRules: {
                /** @description Which profile of another service answers what the model that was asked cannot; the first rule that fits. Empty: none does. */
                value: components["schemas"]["RoutingRule"][];
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            mapBackgroundRequests: {
                /** @description A request with the header `x-mlx-manager-background: true` whose model is not loaded is answered by one that is. */
                value: boolean;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            fetchImages: {
                /** @description Fetch images that a request names by an address on the public internet. Off: data URIs alone. */
                value: boolean;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            imageBytes: {
                /** @description The most that one image of a request may have. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            imageDeadlineSeconds: {
                /** @description How long the fetching of an image may take. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            requestLogDays: {
                /** @description Rows of the request log are kept so long. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            requestLogBytes: {
                /** @description What the request log may take, kept texts included; the oldest rows go first. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            storedResponseDays: {
                /** @description Responses that clients go on from by their id are kept so long. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            storedResponseBytes: {
                /** @description What kept responses may take, their images included; the oldest go first. */
                value: number;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            recordBodiesUntil: {
                /** @description Until then, at most 24 hours ahead, the texts of requests and answers are kept with their rows, without keys and tokens. Null: never. */
                value: string | null;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            mirrorEnabled: {
                /** @description Serve complete models to other machines under `/hub`. */
                value: boolean;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            discoverPeers: {
                /** @description Announce this service on the local network and look for others. */
                value: boolean;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
            checkForUpdates: {
                /** @description Ask the Hub once a day whether local models have a newer revision. */
                value: boolean;
                source: components["schemas"]["SettingSource"];
                variable: string | null;
            };
        };
        /** @enum {string} */
        SettingSource: "environment" | "database" | "default";
        Model: {
            id: components["schemas"]["ModelId"];
            source: components["schemas"]["ModelSource"];
            /** @description The tiny built-in model: it answers questions about MLX Manager and nothing else. */
            demo: boolean;
            sizeBytes: components["schemas"]["Bytes"];
            weightBytes: components["schemas"]["Bytes"];
            parameters: number | null;
            quantization: components["schemas"]["Quantization"] | null;
            architecture: string | null;
            /** @description Whether an engine of ours runs this architecture. */
            supported: boolean | null;
            engines: components["schemas"]["EngineId"][];
            contextLength: number | null;
            /** @description As the files declare them; `measured` says what is so. */
            capabilities: components["schemas"]["Capability"][];
            /** @description What a probe found of `main`; null: never probed. */
            measured: components["schemas"]["Measurement"] | null;
            /** @description What it was converted from on this machine. */
            parent: components["schemas"]["ModelParent"] | null;
            revisions: components["schemas"]["ModelRevision"][];
            complete: boolean;
            partial: components["schemas"]["ModelPartial"] | null;
            /** @description Why it cannot run as it is, with the next step. */
            problem: string | null;
            /** @description When every file of `main` was last found right. */
            verifiedAt: components["schemas"]["Timestamp"] | null;
            /** @description Null: not asked yet, or not a model of the Hub. */
            updateAvailable: boolean | null;
            /** @description The commit of `main` on the Hub, when last asked. */
            latestRevision: string | null;
            isDefault: boolean;
            fit: components["schemas"]["Fit"];
            /** @description The implicit profile that serves this model. */
            profileId: string;
            addedAt: components["schemas"]["Timestamp"];
            usedAt: components["schemas"]["Timestamp"] | null;
        };
        /** @enum {string} */
        ModelSource: "hub-cache" | "built-in" | "folder" | "converted";
        Measurement: {
            revision: string;
            engine: components["schemas"]["EngineId"];
            engineVersion: string;
            /** @description False when the files or the engine have changed since; then nothing counts with it. */
            current: boolean;
            capabilities: components["schemas"]["MeasuredCapabilities"];
            /** @description `tool_calls`: read by the engine. Else the form in which a call was left in the text. */
            toolFormat: string | null;
            /** @description The longest prompt that was answered. */
            longestPrompt: components["schemas"]["LongestPrompt"] | null;
            tokensPerSecond: number | null;
            /** @description Of the longest prompt. */
            prefillTokensPerSecond: number | null;
            memory: components["schemas"]["MeasuredMemory"] | null;
            measuredAt: components["schemas"]["Timestamp"];
        };
        MeasuredCapabilities: {
            /** @description Its chat template works: a question was answered. */
            chat: components["schemas"]["MeasuredVerdict"];
            /** @description A question with a tool was answered by a call of it. */
            tools: components["schemas"]["MeasuredVerdict"];
            /** @description Reasoning came apart from the answer. */
            thinking: components["schemas"]["MeasuredVerdict"];
            /** @description An answer after a JSON schema was valid by it. */
            structuredOutput: components["schemas"]["MeasuredVerdict"];
            /** @description A picture was read: it took tokens of the prompt. */
            vision: components["schemas"]["MeasuredVerdict"];
        };
        /**
         * @description `unsupported`: the engine, or the way to it, does not take such a request. `not-tried`: the model's files do not claim it.
         * @enum {string}
         */
        MeasuredVerdict: "yes" | "no" | "unsupported" | "not-tried";
        LongestPrompt: {
            tokens: number;
            /**
             * @description Why no longer one was tried: the model's own context, the setting `fitContextTokens`, the memory, the time it would take, or the failure of the next.
             * @enum {string}
             */
            endedBy: "model" | "setting" | "memory" | "time" | "failure";
        };
        MeasuredMemory: {
            /** @enum {string} */
            method: "phys_footprint" | "pss" | "rss";
            /** @description After loading, before the first question. */
            loadedBytes: components["schemas"]["Bytes"];
            /** @description Rising by tokens. */
            contexts: {
                /** @description Prompt and answer together. */
                tokens: number;
                /** @description The most that was taken while they were read and written. */
                peakBytes: components["schemas"]["Bytes"];
            }[];
        };
        ModelParent: {
            model: components["schemas"]["ModelId"];
            /** @description The commit, or the content hash. */
            revision: string;
        };
        ModelRevision: {
            /** @description Commit sha; content hash outside the Hub. */
            revision: string;
            refs: string[];
            sizeBytes: components["schemas"]["Bytes"];
            complete: boolean;
            /** @description What no other revision and no other model shares: freed when only this one is deleted. */
            exclusiveBytes: components["schemas"]["Bytes"];
            /** @description Its folder on this machine. */
            path: string;
        };
        /** @description What is not whole: missing files, downloads of others that did not end. */
        ModelPartial: {
            /** @description Files an engine needs that are not here. Null: not known. */
            missingFiles: number | null;
            missingBytes: components["schemas"]["Bytes"] | null;
            /** @description Unfinished downloads of other programs. */
            foreignBytes: components["schemas"]["Bytes"];
        };
        ChatLogprobs: {
            content: {
                token: string;
                logprob: number;
                bytes: number[];
                top_logprobs: {
                    token: string;
                    logprob: number;
                    bytes: number[];
                }[];
            }[];
            refusal: null;
        };
        Usage: {
            prompt_tokens: number;
            completion_tokens: number;
            total_tokens: number;
            /** @description Left out where the engine does not count them. */
            prompt_tokens_details?: {
                cached_tokens: number;
            };
            /** @description Left out where the engine does not count them. */
            completion_tokens_details?: {
                reasoning_tokens: number;
            };
        };
        AnthropicMessage: {
            id: string;
            /** @constant */
            type: "message";
            /** @constant */
            role: "assistant";
            model: string;
            content: ({
                /** @constant */
                type: "text";
                text: string;
                citations: unknown[];
            } | {
                /** @constant */
                type: "thinking";
                thinking: string;
                signature: string;
            } | {
                /** @constant */
                type: "tool_use";
                id: string;
                name: string;
                input: {
                    [key: string]: unknown;
                };
                caller: {
                    /** @constant */
                    type: "direct";
                };
            })[];
            stop_reason: ("end_turn" | "max_tokens" | "stop_sequence" | "tool_use" | "refusal") | null;
            stop_sequence: string | null;
            usage: components["schemas"]["MessageUsage"];
        };
        MessageUsage: {
            input_tokens: number;
            cache_creation_input_tokens: number | null;
            cache_read_input_tokens: number | null;
            output_tokens: number;
        };
        AnthropicError: {
            /** @constant */
            type: "error";
            error: {
                /** @enum {string} */
                type: "invalid_request_error" | "authentication_error" | "permission_error" | "not_found_error" | "request_too_large" | "rate_limit_error" | "api_error" | "overloaded_error";
                message: string;
                code: string;
                /** @enum {string} */
                source: "gateway" | "engine";
                details?: {
                    /** @constant */
                    error_code: "thread_unsupported_request";
                    unsupported: string[];
                };
            };
            request_id: string | null;
        };
        Health: {
            /** @enum {string} */
            status: "ok" | "stopping" | "error";
            version: string;
            apiVersion: number;
            uptimeSeconds: number;
            /** @enum {string} */
            database: "ok" | "error";
            /** @description Left out for callers without a key when the API is locked. */
            counts?: {
                models: number;
                servers: number;
                components: number;
                /** @description Agent profiles. */
                profiles: number;
                projects: number;
            };
            authRequired: boolean;
        };
        ErrorBody: {
            error: {
                code: components["schemas"]["ErrorCode"];
                message: string;
                details?: {
                    [key: string]: unknown;
                };
                requestId: string;
            };
        };
        System: {
            platform: string;
            architecture: string;
            operatingSystem: string;
            chip: string;
            cores: number;
            memory: components["schemas"]["MachineMemory"];
            /** @description The disk of the model cache. */
            disk: {
                totalBytes: components["schemas"]["Bytes"];
                freeBytes: components["schemas"]["Bytes"];
            } | null;
            python: components["schemas"]["FoundTool"];
            uv: components["schemas"]["FoundTool"];
            node: string;
            engineSupport: {
                supported: boolean;
                reason: string | null;
            };
            engines: components["schemas"]["EngineSummary"][];
            offline: boolean;
            hubEndpoint: string;
        };
        /** @description A program found on this machine; null where absent. */
        FoundTool: {
            path: string | null;
            version: string | null;
        };
        EngineSummary: {
            id: string;
            state: string;
            version: string | null;
        };
        /** @description The most specific first: of two that fit a name, the first one answers. */
        AliasList: {
            items: components["schemas"]["Alias"][];
        };
        Alias: {
            name: components["schemas"]["AliasName"];
            /** @description A profile's slug, a model, or `model@revision`. */
            target: string;
            /** @description Answers every name that fits, unless a more specific one does. */
            isPattern: boolean;
            /** @description What answers now; null: the target is not here. */
            model: components["schemas"]["ModelId"] | null;
            profileId: components["schemas"]["OpaqueId"] | null;
        };
        /**
         * @example gpt-4o
         * @example claude-*-haiku*
         */
        AliasName: string;
        RoutingTest: {
            steps: components["schemas"]["RoutingStep"][];
            /** @description Who would answer; null: the request would be refused. */
            answer: {
                profileId: components["schemas"]["OpaqueId"];
                name: string;
                model: components["schemas"]["ModelId"];
                /** @enum {string} */
                kind: "process" | "cluster" | "remote";
                revision: string;
                route: components["schemas"]["RouteReason"] | null;
            } | null;
            error: {
                code: string;
                message: string;
            } | null;
            /** @description What the answer's headers would say of it. */
            headers: {
                [key: string]: string;
            };
        };
        RoutingStep: {
            /** @description What was looked at: a rule of the names, a check, or a routing rule. */
            step: string;
            /** @enum {string} */
            result: "no" | "yes" | "skipped";
            text: string;
        };
        /** @enum {string} */
        RouteReason: "prompt-too-long" | "model-not-here" | "image-without-vision" | "session" | "background";
        JobPage: {
            items: components["schemas"]["Job"][];
            nextCursor: string | null;
        };
        RequestPage: {
            items: components["schemas"]["RequestEntry"][];
            nextCursor: string | null;
        };
        RequestStats: {
            groups: {
                model?: string | null;
                /** @description In UTC. */
                day?: string;
                client?: string | null;
                protocol?: string;
                key?: string | null;
                agent?: string | null;
                session?: string | null;
                subagent?: boolean;
                route?: string | null;
                /** @description When the first of them began. */
                firstAt: components["schemas"]["Timestamp"];
                /** @description When the last of them began. */
                lastAt: components["schemas"]["Timestamp"];
                requests: number;
                errors: number;
                /** @description Clients that did not wait for the end. */
                left: number;
                inputTokens: number;
                outputTokens: number;
                cachedTokens: number;
                firstTokenMs: {
                    p50: number | null;
                    p95: number | null;
                };
                tokensPerSecond: {
                    p50: number | null;
                    p95: number | null;
                };
            }[];
            /** @description There are more groups than these; the largest are here. */
            truncated: boolean;
        };
        RequestDetail: {
            /** @description As in the answer's header `x-request-id`. */
            id: string;
            startedAt: components["schemas"]["Timestamp"];
            finishedAt: components["schemas"]["Timestamp"];
            protocol: string;
            path: string;
            streamed: boolean;
            /** @description The program that asked, as it names itself. */
            client: string | null;
            /** @description The named key it came with; null: another key, or none. */
            keyId: string | null;
            /** @description The coding agent behind it, where its requests tell. */
            agent: string | null;
            /** @description The client's conversation; the same for all its requests. */
            session: string | null;
            /** @description Asked by an agent that another one has sent. */
            subagent: boolean;
            /** @description The name the client wrote. */
            requestedModel: string | null;
            /** @description Who was to answer; null: refused before that was clear. */
            model: string | null;
            /** @description Why somebody else answered than was asked; null: nobody else did. */
            route: string | null;
            profileId: string | null;
            serverId: string | null;
            engine: string | null;
            /** @description Of the answer; of its end for a stream that failed; 499: the client left. */
            status: number;
            finishReason: string | null;
            errorCode: string | null;
            /** @description Who failed: gateway or engine. */
            errorSource: string | null;
            clientLeft: boolean;
            inputTokens: number | null;
            outputTokens: number | null;
            cachedTokens: number | null;
            reasoningTokens: number | null;
            /** @description Waited for a place. */
            queueMs: number | null;
            /** @description Waited for the model to load. */
            loadMs: number | null;
            /** @description From its arrival until an engine took it. */
            waitMs: number | null;
            /** @description From its arrival to the first token. */
            firstTokenMs: number | null;
            durationMs: number;
            /** @description After the first token. */
            tokensPerSecond: number | null;
            /** @description Which models were unloaded to make room for its own. */
            swapCause: string | null;
            /** @description Names of keys the client sent that nothing understands. */
            droppedKeys: string[];
            /** @description Texts, of requests that ended while the setting `recordBodiesUntil` kept them. */
            bodies: {
                request: string | null;
                response: string | null;
                truncated: boolean;
            } | null;
        };
        ApiKeyList: {
            items: components["schemas"]["ApiKey"][];
        };
        /** @description A named key, without the key itself: nobody can show it again. */
        ApiKey: {
            id: components["schemas"]["OpaqueId"];
            name: string;
            scope: components["schemas"]["KeyScope"];
            /** @description Model ids and slugs of profiles that it may ask; null: every one. */
            models: string[] | null;
            /** @description Null: no limit. */
            requestsPerMinute: number | null;
            createdAt: components["schemas"]["Timestamp"];
            /** @description Exact to some seconds. */
            lastUsedAt: components["schemas"]["Timestamp"] | null;
            revokedAt: components["schemas"]["Timestamp"] | null;
        };
        ApiKeyCreated: {
            id: components["schemas"]["OpaqueId"];
            name: string;
            scope: components["schemas"]["KeyScope"];
            /** @description Model ids and slugs of profiles that it may ask; null: every one. */
            models: string[] | null;
            /** @description Null: no limit. */
            requestsPerMinute: number | null;
            createdAt: components["schemas"]["Timestamp"];
            /** @description Exact to some seconds. */
            lastUsedAt: components["schemas"]["Timestamp"] | null;
            revokedAt: components["schemas"]["Timestamp"] | null;
            /** @description The key. It is shown this once. */
            key: string;
        };
        HubPage: {
            items: components["schemas"]["HubModel"][];
            nextCursor: string | null;
            source: components["schemas"]["HubSource"];
            /** @description Older than it should be, as the Hub was slow or not to be reached. */
            stale: boolean;
            /** @description Why the Hub itself did not answer. */
            problem: components["schemas"]["Failure"] | null;
        };
        /**
         * @description `cache`: an earlier answer of the Hub; `local`: what is known on this machine, without the Hub.
         * @enum {string}
         */
        HubSource: "hub" | "cache" | "local";
        HubModelDetail: {
            id: components["schemas"]["ModelId"];
            author: string;
            /** @description What a download puts on disk. */
            sizeBytes: components["schemas"]["Bytes"] | null;
            /** @description True until the files' own sizes are known. */
            sizeIsEstimate: boolean;
            /** @description The files of weights alone. */
            weightBytes: components["schemas"]["Bytes"] | null;
            parameters: number | null;
            quantization: components["schemas"]["Quantization"] | null;
            architecture: string | null;
            /** @description Whether an engine of ours runs the architecture. */
            supported: boolean | null;
            engines: components["schemas"]["EngineId"][];
            contextLength: number | null;
            capabilities: components["schemas"]["Capability"][];
            license: string | null;
            /** @description The repository it was made from, as its card says. */
            baseModel: string | null;
            downloads: number | null;
            likes: number | null;
            trending: number | null;
            gated: components["schemas"]["Gated"];
            private: boolean;
            createdAt: components["schemas"]["Timestamp"] | null;
            updatedAt: components["schemas"]["Timestamp"] | null;
            /** @description Already in the local library. */
            here: boolean;
            /** @description The active download of this model, if any. */
            downloadId: string | null;
            /** @description False while only the listing is known; `hub-model.changed` tells when more is. */
            detailed: boolean;
            fit: components["schemas"]["Fit"];
            source: components["schemas"]["HubSource"];
            /** @description Older than it should be, as the Hub was slow or not to be reached. */
            stale: boolean;
            /** @description Why the Hub itself did not answer. */
            problem: components["schemas"]["Failure"] | null;
            /** @description The commit that was looked at. */
            revision: string;
            /** @description All files, also those a download leaves out. */
            totalBytes: components["schemas"]["Bytes"];
            files: components["schemas"]["HubFile"][];
            /** @description The README as safe Markdown: no HTML, absolute addresses. */
            card: string | null;
            /** @description The same model at growing contexts. */
            fitTable: components["schemas"]["Fit"][];
            localRevisions: components["schemas"]["HubLocalRevision"][];
            licenseUrl: string | null;
            tags: string[];
            url: string;
        };
        HubFile: {
            path: string;
            sizeBytes: components["schemas"]["Bytes"];
            /** @description sha256 of LFS files, git blob sha1 of the others. */
            checksum: string;
            /** @description The very content is on this machine. */
            here: boolean;
            /** @description Part of a download; false for copies of the weights in other formats. */
            needed: boolean;
        };
        HubLocalRevision: {
            revision: string;
            refs: string[];
            complete: boolean;
            sizeBytes: components["schemas"]["Bytes"];
        };
        HubSiblings: {
            /** @description The repository that all of them were made from. */
            base: string | null;
            /** @description Most bits first. */
            items: components["schemas"]["HubSibling"][];
            source: components["schemas"]["HubSource"];
            /** @description Older than it should be, as the Hub was slow or not to be reached. */
            stale: boolean;
            /** @description Why the Hub itself did not answer. */
            problem: components["schemas"]["Failure"] | null;
        };
        HubSibling: {
            id: components["schemas"]["ModelId"];
            author: string;
            /** @description What a download puts on disk. */
            sizeBytes: components["schemas"]["Bytes"] | null;
            /** @description True until the files' own sizes are known. */
            sizeIsEstimate: boolean;
            /** @description The files of weights alone. */
            weightBytes: components["schemas"]["Bytes"] | null;
            parameters: number | null;
            quantization: components["schemas"]["Quantization"] | null;
            architecture: string | null;
            /** @description Whether an engine of ours runs the architecture. */
            supported: boolean | null;
            engines: components["schemas"]["EngineId"][];
            contextLength: number | null;
            capabilities: components["schemas"]["Capability"][];
            license: string | null;
            /** @description The repository it was made from, as its card says. */
            baseModel: string | null;
            downloads: number | null;
            likes: number | null;
            trending: number | null;
            gated: components["schemas"]["Gated"];
            private: boolean;
            createdAt: components["schemas"]["Timestamp"] | null;
            updatedAt: components["schemas"]["Timestamp"] | null;
            /** @description Already in the local library. */
            here: boolean;
            /** @description The active download of this model, if any. */
            downloadId: string | null;
            /** @description False while only the listing is known; `hub-model.changed` tells when more is. */
            detailed: boolean;
            fit: components["schemas"]["Fit"];
            /** @description The one with the most bits that fits this machine with room; of all rows at most one. */
            recommended: boolean;
        };
        HubToken: {
            /** @description Null without a token: public models need none. */
            source: components["schemas"]["HubTokenSource"] | null;
            /** @description The account, as the Hub names it; null where it is not known. */
            name: string | null;
            /** @description Why it does not help, or could not be checked. */
            problem: components["schemas"]["Failure"] | null;
        };
        /**
         * @description `HF_TOKEN`, then the one stored by this service, then the file of `hf auth login`.
         * @enum {string}
         */
        HubTokenSource: "environment" | "stored" | "file";
        DownloadPage: {
            items: components["schemas"]["Download"][];
            nextCursor: string | null;
        };
        ModelPage: {
            items: components["schemas"]["Model"][];
            nextCursor: string | null;
        };
        ModelDeletion: {
            /** @description As it was before. */
            model: components["schemas"]["Model"];
            /** @description The commit that was deleted; null: all of them. */
            revision: string | null;
            /** @description Bytes of the files that are gone; what others share stays. */
            freedBytes: components["schemas"]["Bytes"];
        };
        ModelVerification: {
            model: components["schemas"]["ModelId"];
            /** @description The commit that was checked. */
            revision: string;
            /**
             * @description `wrong`: `wrongFiles` names what to fetch again. `unknown`: some file has no known checksum.
             * @enum {string}
             */
            result: "right" | "wrong" | "unknown";
            filesChecked: number;
            /** @description Files whose checksum is known neither here nor on the Hub. */
            filesUnknown: number;
            bytesChecked: components["schemas"]["Bytes"];
            wrongFiles: components["schemas"]["VerifiedFile"][];
            /** @description False when the files have changed since. */
            current: boolean;
            verifiedAt: components["schemas"]["Timestamp"];
        };
        VerifiedFile: {
            path: string;
            /** @enum {string} */
            state: "missing" | "wrong-size" | "wrong-content" | "unreadable";
            /** @description What it should be; null when not known. */
            sizeBytes: components["schemas"]["Bytes"] | null;
            /** @description What is on the disk; null when nothing is. */
            foundBytes: components["schemas"]["Bytes"] | null;
        };
        ModelUsage: {
            models: {
                model: components["schemas"]["ModelId"];
                /** @description All that belongs to it, each blob once. */
                totalBytes: components["schemas"]["Bytes"];
                /** @description Freed when the model is deleted. */
                exclusiveBytes: components["schemas"]["Bytes"];
                /** @description Unfinished downloads of other programs. */
                foreignBytes: components["schemas"]["Bytes"];
                /** @description Blobs that no revision refers to. */
                unusedBytes: components["schemas"]["Bytes"];
            }[];
            /** @description All models together, shared blobs counted once. */
            totalBytes: components["schemas"]["Bytes"];
            /** @description Blobs that belong to more than one model. */
            sharedBytes: components["schemas"]["Bytes"];
            /** @description Parts of our own downloads that nobody will continue. */
            staleBytes: components["schemas"]["Bytes"];
            freeBytes: components["schemas"]["Bytes"] | null;
            diskBytes: components["schemas"]["Bytes"] | null;
        };
        ImportableList: {
            items: components["schemas"]["ImportableModel"][];
        };
        ImportableModel: {
            path: string;
            /** @description The name it would get, without `local/`. */
            name: string;
            sizeBytes: components["schemas"]["Bytes"];
            /** @description The model that refers to this folder already. */
            imported: components["schemas"]["ModelId"] | null;
        };
        ModelCleaning: {
            dryRun: boolean;
            items: {
                kind: components["schemas"]["LitterKind"];
                model: components["schemas"]["ModelId"] | null;
                path: string;
                sizeBytes: components["schemas"]["Bytes"];
            }[];
            /** @description What was freed, or would be. */
            bytes: components["schemas"]["Bytes"];
        };
        /** @enum {string} */
        LitterKind: "foreign-part" | "own-part" | "broken-link" | "empty-repository" | "unused-blob" | "unused-shared-blob";
        ServerPage: {
            items: components["schemas"]["Server"][];
            nextCursor: string | null;
        };
        ProfilePage: {
            items: components["schemas"]["ProfileView"][];
            nextCursor: string | null;
        };
        ProfileChange: {
            id: components["schemas"]["OpaqueId"];
            /** @description Null for implicit profiles: they answer to the model id. */
            slug: components["schemas"]["Slug"] | null;
            name: string;
            implicit: boolean;
            model: components["schemas"]["ModelId"];
            /** @description `main` follows the newest local revision; a commit pins it. */
            revision: components["schemas"]["Revision"];
            engine: components["schemas"]["EngineId"];
            engineOptions: components["schemas"]["EngineOptions"];
            sampling: components["schemas"]["SamplingDefaults"];
            systemPrompt: string | null;
            engineChoice: components["schemas"]["EngineChoice"];
            limits: components["schemas"]["ProfileLimits"];
            lifecycle: components["schemas"]["ProfileLifecycle"];
            kind: components["schemas"]["ProfileKind"];
            /** @description Where a profile of the kind `remote` is served. */
            remote: components["schemas"]["ProfileRemote"] | null;
            /** @description The hosts of a profile of the kind `cluster`. */
            cluster: components["schemas"]["ProfileCluster"] | null;
            createdAt: components["schemas"]["Timestamp"];
            updatedAt: components["schemas"]["Timestamp"];
            batching: components["schemas"]["Batching"];
            /** @description It runs with older values; a restart takes the new ones up. */
            needsRestart: boolean;
            /** @description Which values those are, such as `engineOptions.kvBits`. */
            restartKeys: string[];
        };
        PresetList: {
            items: components["schemas"]["ProfilePreset"][];
        };
        ProfilePreset: {
            id: components["schemas"]["PresetId"];
            description: string;
            sampling: components["schemas"]["SamplingDefaults"];
            engineOptions: components["schemas"]["EngineOptions"];
            limits: components["schemas"]["ProfileLimits"];
        };
        Placement: {
            /** @enum {string} */
            mode: "tensor" | "pipeline";
            contextTokens: number;
            concurrency: number;
            nodes: components["schemas"]["PlacementNode"][];
            /** @description What keeps the model from being split like this. */
            problems: string[];
            possible: boolean;
        };
        PlacementNode: {
            rank: number;
            host: string;
            weightBytes: components["schemas"]["Bytes"] | null;
            kvBytes: components["schemas"]["Bytes"] | null;
            /** @description Null: the model's files do not say. */
            neededBytes: components["schemas"]["Bytes"] | null;
            /** @description What models may take there; null when it was not asked. */
            limitBytes: components["schemas"]["Bytes"] | null;
            fits: boolean | null;
            /** @description What keeps this host from taking part, with the next step. */
            problems: string[];
        };
        EngineList: {
            items: components["schemas"]["Engine"][];
            nextCursor: null;
        };
        EngineJob: {
            job: components["schemas"]["Job"];
        };
        MirrorModelList: components["schemas"]["MirrorModel"][];
        /** @description A model as the Hub describes it. */
        MirrorModel: {
            _id: string;
            id: string;
            sha?: string;
            tags?: string[];
            siblings?: ({
                rfilename: string;
            } & {
                [key: string]: unknown;
            })[];
        } & {
            [key: string]: unknown;
        };
        /** @description By path: the model, the entries of a folder, or the refs. */
        MirrorAnswer: components["schemas"]["MirrorModel"] | components["schemas"]["MirrorEntry"][] | components["schemas"]["MirrorRefs"];
        /** @description A file or folder of a revision. */
        MirrorEntry: {
            /** @enum {string} */
            type: "file" | "directory";
            path: string;
            size: number;
            oid: string;
            lfs?: {
                oid: string;
                size: number;
                pointerSize: number;
            } & {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        MirrorRefs: {
            branches: {
                name: string;
                ref: string;
                targetCommit: string;
            }[];
            tags: {
                name: string;
                ref: string;
                targetCommit: string;
            }[];
            converts: {
                name: string;
                ref: string;
                targetCommit: string;
            }[];
            pullRequests: {
                name: string;
                ref: string;
                targetCommit: string;
            }[];
        };
        MirrorEntryList: components["schemas"]["MirrorEntry"][];
        MirrorAccount: {
            /** @constant */
            type: "user";
            id: string;
            name: string;
            fullname: string;
            orgs: unknown[];
            auth: {
                /** @constant */
                type: "access_token";
                accessToken: {
                    displayName: string;
                    /** @constant */
                    role: "read";
                };
            };
        };
        PeerList: {
            items: components["schemas"]["Peer"][];
            /** @description Whether others can see this service. */
            announcing: boolean;
            /** @description Why it does not announce itself, and what to do. */
            reason: string | null;
        };
        Peer: {
            /** @description The other machine's name. */
            name: string;
            /** @description `HF_ENDPOINT` is this followed by `/hub`. */
            address: string;
            version: string;
            /** @description Whether it shares its models. */
            mirror: boolean;
            seenAt: components["schemas"]["Timestamp"];
        };
        OpenAIModelList: {
            /** @constant */
            object: "list";
            data: components["schemas"]["OpenAIModel"][];
            first_id: string | null;
            last_id: string | null;
            has_more: boolean;
        };
        OpenAIModel: {
            id: string;
            /** @constant */
            object: "model";
            created: number;
            owned_by: string;
            /** @enum {string} */
            type: "chat" | "embedding" | "other";
            context_length: number | null;
            capabilities: string[];
            loaded: boolean;
            demo: boolean;
            /** @description The name that this one stands for. */
            alias_of?: string;
        };
        OpenAIError: {
            error: {
                message: string;
                type: string;
                param: string | null;
                code: string;
                /** @enum {string} */
                source?: "gateway" | "engine";
            };
        };
        ChatCompletion: {
            id: string;
            /** @constant */
            object: "chat.completion";
            created: number;
            model: string;
            choices: {
                index: number;
                message: {
                    /** @constant */
                    role: "assistant";
                    content: string | null;
                    refusal: null;
                    reasoning_content?: string;
                    reasoning?: string;
                    tool_calls?: {
                        id: string;
                        /** @constant */
                        type: "function";
                        function: {
                            name: string;
                            arguments: string;
                        };
                    }[];
                };
                logprobs: components["schemas"]["ChatLogprobs"] | null;
                /** @enum {string} */
                finish_reason: "stop" | "length" | "tool_calls" | "content_filter";
            }[];
            usage: components["schemas"]["Usage"];
        };
        EmbeddingsAnswer: {
            /** @constant */
            object: "list";
            data: {
                /** @constant */
                object: "embedding";
                index: number;
                embedding: number[] | string;
            }[];
            model: string;
            usage: {
                prompt_tokens: number;
                total_tokens: number;
            };
        };
        TokenCount: {
            input_tokens: number;
        };
        Completion: {
            id: string;
            /** @constant */
            object: "text_completion";
            created: number;
            model: string;
            choices: {
                index: number;
                text: string;
                logprobs: null;
                finish_reason: ("stop" | "length" | "content_filter") | null;
            }[];
            usage?: components["schemas"]["Usage"];
        };
        ResponseObject: {
            id: string;
            /** @constant */
            object: "response";
            created_at: number;
            completed_at: number | null;
            /** @enum {string} */
            status: "queued" | "in_progress" | "completed" | "incomplete" | "failed";
            error: {
                code: string;
                message: string;
            } | null;
            incomplete_details: {
                /** @enum {string} */
                reason: "max_output_tokens" | "content_filter";
            } | null;
            model: string;
            instructions: string | null;
            previous_response_id: string | null;
            output: components["schemas"]["ResponseOutputItem"][];
            tools: ({
                type: string;
                name: string;
            } & {
                [key: string]: unknown;
            })[];
            tool_choice: string | ({
                type: string;
            } & {
                [key: string]: unknown;
            });
            parallel_tool_calls: boolean;
            text: {
                format: {
                    type: string;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            };
            reasoning: {
                effort: string | null;
                summary: string | null;
            };
            temperature: number;
            top_p: number;
            presence_penalty: number;
            frequency_penalty: number;
            top_logprobs: number;
            max_output_tokens: number | null;
            max_tool_calls: number | null;
            /** @constant */
            truncation: "disabled";
            /** @constant */
            background: false;
            store: boolean;
            /** @constant */
            service_tier: "default";
            metadata: {
                [key: string]: string;
            };
            user: string | null;
            safety_identifier: string | null;
            prompt_cache_key: string | null;
            usage: components["schemas"]["ResponseUsage"] | null;
        };
        ResponseOutputItem: {
            /** @constant */
            type: "message";
            id: string;
            /** @enum {string} */
            status: "in_progress" | "completed" | "incomplete";
            /** @constant */
            role: "assistant";
            content: {
                /** @constant */
                type: "output_text";
                text: string;
                annotations: unknown[];
                logprobs: unknown[];
            }[];
        } | {
            /** @constant */
            type: "reasoning";
            id: string;
            /** @enum {string} */
            status: "in_progress" | "completed" | "incomplete";
            summary: {
                /** @constant */
                type: "summary_text";
                text: string;
            }[];
            content?: {
                /** @constant */
                type: "reasoning_text";
                text: string;
            }[];
        } | {
            /** @constant */
            type: "function_call";
            id: string;
            /** @enum {string} */
            status: "in_progress" | "completed" | "incomplete";
            call_id: string;
            name: string;
            arguments: string;
        } | {
            /** @constant */
            type: "custom_tool_call";
            id: string;
            /** @enum {string} */
            status: "in_progress" | "completed" | "incomplete";
            call_id: string;
            name: string;
            input: string;
        };
        ResponseUsage: {
            input_tokens: number;
            input_tokens_details: {
                cached_tokens: number;
            };
            output_tokens: number;
            output_tokens_details: {
                reasoning_tokens: number;
            };
            total_tokens: number;
        };
        ResponseDeleted: {
            id: string;
            /** @constant */
            object: "response";
            /** @constant */
            deleted: true;
        };
        ResponseInputCount: {
            /** @constant */
            object: "response.input_tokens";
            input_tokens: number;
        };
        ResponseItemList: {
            /** @constant */
            object: "list";
            data: ({
                id: string;
                type: string;
            } & {
                [key: string]: unknown;
            })[];
            first_id: string | null;
            last_id: string | null;
            has_more: boolean;
        };
        OllamaVersion: {
            /** @description Of Ollama's API that is spoken here. */
            version: string;
        };
        OllamaError: {
            error: string;
        };
        OllamaModelList: {
            models: {
                name: string;
                model: string;
                size: number;
                digest: string;
                details: components["schemas"]["OllamaDetails"];
                /** Format: date-time */
                modified_at: string;
            }[];
        };
        OllamaDetails: {
            parent_model: string;
            format: string;
            family: string;
            families: string[];
            parameter_size: string;
            quantization_level: string;
        };
        OllamaModel: {
            modelfile: string;
            /** @description One a line, such as `num_ctx 32768`. */
            parameters: string;
            template: string;
            details: components["schemas"]["OllamaDetails"];
            model_info: {
                [key: string]: string | number;
            };
            capabilities: ("completion" | "tools" | "vision" | "thinking" | "embedding" | "audio")[];
            /** Format: date-time */
            modified_at: string;
        };
        OllamaRunningList: {
            models: {
                name: string;
                model: string;
                size: number;
                digest: string;
                details: components["schemas"]["OllamaDetails"];
                /** Format: date-time */
                expires_at: string;
                size_vram: number;
                context_length: number;
            }[];
        };
        OllamaChatAnswer: {
            model: string;
            /** Format: date-time */
            created_at: string;
            done: boolean;
            /** @enum {string} */
            done_reason?: "stop" | "length" | "load" | "unload" | "error";
            error?: string;
            total_duration?: number;
            load_duration?: number;
            prompt_eval_count?: number;
            prompt_eval_duration?: number;
            eval_count?: number;
            eval_duration?: number;
            message: {
                /** @constant */
                role: "assistant";
                content: string;
                thinking?: string;
                tool_calls?: {
                    function: {
                        name: string;
                        arguments: {
                            [key: string]: unknown;
                        };
                    };
                }[];
            };
        };
        OllamaGenerateAnswer: {
            model: string;
            /** Format: date-time */
            created_at: string;
            done: boolean;
            /** @enum {string} */
            done_reason?: "stop" | "length" | "load" | "unload" | "error";
            error?: string;
            total_duration?: number;
            load_duration?: number;
            prompt_eval_count?: number;
            prompt_eval_duration?: number;
            eval_count?: number;
            eval_duration?: number;
            response: string;
            thinking?: string;
        };
        OllamaEmbedAnswer: {
            model: string;
            embeddings: number[][];
            total_duration: number;
            load_duration: number;
            prompt_eval_count: number;
        };
        OllamaEmbeddingsAnswer: {
            embedding: number[];
        };
        OllamaPullLine: {
            status: string;
            digest?: string;
            total?: number;
            completed?: number;
        };
        Empty: Record<string, never>;
        ProfileExportOutput: {
            /** @constant */
            format: "mlx-manager-profile";
            /** @constant */
            version: 1;
            profile: {
                slug: components["schemas"]["Slug"] | null;
                /** @description May be left out for the kind `remote`: then it follows from the name that the model has there. */
                model?: components["schemas"]["ModelId"];
                name?: string;
                /** @default main */
                revision: components["schemas"]["Revision"];
                /**
                 * @description Null: it follows from the model.
                 * @default null
                 */
                engine: components["schemas"]["EngineId"] | null;
                /** @default {} */
                engineOptions: components["schemas"]["EngineOptions"];
                /** @default {} */
                sampling: components["schemas"]["SamplingDefaults"];
                /** @default null */
                systemPrompt: string | null;
                /** @default {} */
                limits: components["schemas"]["ProfileLimits"];
                /** @default {} */
                lifecycle: components["schemas"]["ProfileLifecycle"];
                /** @default process */
                kind: components["schemas"]["ProfileKind"];
                /** @default null */
                remote: components["schemas"]["RemoteAddress"] | null;
                /** @default null */
                cluster: components["schemas"]["ProfileCluster"] | null;
            };
        };
        /** @description `data:` of each server-sent event after the snapshot; `id:` is `<boot>-<sequence>`. */
        EventMessage: {
            id: string;
            /** @constant */
            type: "download.changed";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["Download"];
        } | {
            id: string;
            /** @constant */
            type: "download.progress";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["Download"];
        } | {
            id: string;
            /** @constant */
            type: "engine.changed";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["Engine"];
        } | {
            id: string;
            /** @constant */
            type: "hub-model.changed";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["HubModel"];
        } | {
            id: string;
            /** @constant */
            type: "job.changed";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["Job"];
        } | {
            id: string;
            /** @constant */
            type: "job.progress";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["Job"];
        } | {
            id: string;
            /** @constant */
            type: "model.changed";
            at: components["schemas"]["Timestamp"];
            data: {
                id: components["schemas"]["ModelId"];
            };
        } | {
            id: string;
            /** @constant */
            type: "model.removed";
            at: components["schemas"]["Timestamp"];
            data: {
                id: string;
            };
        } | {
            id: string;
            /** @constant */
            type: "profile.changed";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["ProfileView"];
        } | {
            id: string;
            /** @constant */
            type: "profile.removed";
            at: components["schemas"]["Timestamp"];
            data: {
                id: string;
            };
        } | {
            id: string;
            /** @constant */
            type: "request.finished";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["RequestEntry"];
        } | {
            id: string;
            /** @constant */
            type: "server.changed";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["Server"];
        } | {
            id: string;
            /** @constant */
            type: "server.progress";
            at: components["schemas"]["Timestamp"];
            data: {
                id: components["schemas"]["OpaqueId"];
                phase: string;
                done: number | null;
                total: number | null;
            };
        } | {
            id: string;
            /** @constant */
            type: "server.memory";
            at: components["schemas"]["Timestamp"];
            data: {
                id: components["schemas"]["OpaqueId"];
                memory: components["schemas"]["MemoryReading"];
                cpuPercent: number | null;
            };
        } | {
            id: string;
            /** @constant */
            type: "server.removed";
            at: components["schemas"]["Timestamp"];
            data: {
                id: string;
            };
        } | {
            id: string;
            /** @constant */
            type: "server.memory-not-returned";
            at: components["schemas"]["Timestamp"];
            data: {
                id: components["schemas"]["OpaqueId"];
                footprintBytes: components["schemas"]["Bytes"];
                availableBeforeBytes: components["schemas"]["Bytes"];
                availableAfterBytes: components["schemas"]["Bytes"];
                waitedSeconds: number;
            };
        } | {
            id: string;
            /** @constant */
            type: "server.memory-over-forecast";
            at: components["schemas"]["Timestamp"];
            data: {
                id: components["schemas"]["OpaqueId"];
                footprintBytes: components["schemas"]["Bytes"];
                forecastBytes: components["schemas"]["Bytes"];
                capBytes: components["schemas"]["Bytes"];
            };
        } | {
            id: string;
            /** @constant */
            type: "machine.memory-pressure";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["MachineMemory"];
        } | {
            id: string;
            /** @constant */
            type: "settings.changed";
            at: components["schemas"]["Timestamp"];
            data: components["schemas"]["Settings"];
        };
        Snapshot: {
            at: components["schemas"]["Timestamp"];
            downloads?: components["schemas"]["Download"][];
            engines?: components["schemas"]["Engine"][];
            jobs?: components["schemas"]["Job"][];
            models?: components["schemas"]["Model"][];
            profiles?: components["schemas"]["ProfileView"][];
            /** @description The newest that ended. */
            requests?: components["schemas"]["RequestEntry"][];
            servers?: components["schemas"]["Server"][];
            settings?: components["schemas"]["Settings"];
        };
        /** @description `data:` of each event of a server's log. */
        LogLine: {
            /** @description Rises by one a line; a gap is what was left out. */
            number: number;
            /** @description When it came; null for a server that is over. */
            at: components["schemas"]["Timestamp"] | null;
            level: components["schemas"]["LogLevel"];
            /** @enum {string} */
            kind: "output" | "prefill" | "request" | "traceback" | "note";
            text: string;
            /** @description Of a prefill. */
            progress?: {
                done: number;
                total: number;
            };
        };
        ChatChunk: {
            id: string;
            /** @constant */
            object: "chat.completion.chunk";
            created: number;
            model: string;
            choices: {
                index: number;
                delta: {
                    /** @constant */
                    role?: "assistant";
                    content?: string;
                    reasoning_content?: string;
                    reasoning?: string;
                    tool_calls?: {
                        index: number;
                        id?: string;
                        /** @constant */
                        type?: "function";
                        function: {
                            name?: string;
                            arguments: string;
                        };
                    }[];
                };
                logprobs: components["schemas"]["ChatLogprobs"] | null;
                finish_reason: ("stop" | "length" | "tool_calls" | "content_filter") | null;
            }[];
            usage?: components["schemas"]["Usage"] | null;
        };
        MessageEvent: {
            /** @constant */
            type: "message_start";
            message: components["schemas"]["AnthropicMessage"];
        } | {
            /** @constant */
            type: "content_block_start";
            index: number;
            content_block: {
                /** @constant */
                type: "text";
                text: string;
                citations: unknown[];
            } | {
                /** @constant */
                type: "thinking";
                thinking: string;
                signature: string;
            } | {
                /** @constant */
                type: "tool_use";
                id: string;
                name: string;
                input: {
                    [key: string]: unknown;
                };
                caller: {
                    /** @constant */
                    type: "direct";
                };
            };
        } | {
            /** @constant */
            type: "content_block_delta";
            index: number;
            delta: {
                /** @constant */
                type: "text_delta";
                text: string;
            } | {
                /** @constant */
                type: "thinking_delta";
                thinking: string;
            } | {
                /** @constant */
                type: "signature_delta";
                signature: string;
            } | {
                /** @constant */
                type: "input_json_delta";
                partial_json: string;
            };
        } | {
            /** @constant */
            type: "content_block_stop";
            index: number;
        } | {
            /** @constant */
            type: "message_delta";
            delta: {
                /** @enum {string} */
                stop_reason: "end_turn" | "max_tokens" | "stop_sequence" | "tool_use" | "refusal";
                stop_sequence: string | null;
            };
            usage: components["schemas"]["MessageUsage"];
        } | {
            /** @constant */
            type: "message_stop";
        } | {
            /** @constant */
            type: "ping";
        } | components["schemas"]["AnthropicError"];
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getSystem: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["System"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                topics?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    updateSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listAliases: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AliasList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    setAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The alias; slashes may be encoded or not. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AliasSet"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alias"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    removeAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The alias; slashes may be encoded or not. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alias"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    testRouting: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoutingQuestion"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoutingTest"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                kind?: components["schemas"]["JobKind"];
                state?: components["schemas"]["JobState"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobPage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getJobLogs: {
        parameters: {
            query?: {
                follow?: string;
                tail?: number;
            };
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listRequests: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                /** @description As it was asked for, or as it was resolved. */
                model?: string;
                status?: number;
                protocol?: string;
                client?: string;
                key?: components["schemas"]["OpaqueId"];
                agent?: string;
                session?: string;
                /** @description Only what agents asked that others sent, or only the rest. */
                subagent?: string;
                route?: string;
                /** @description Requests that began then or later: a time, or a day in UTC. */
                since?: string;
                /** @description Requests that began before. */
                until?: string;
                /** @description Only requests that failed. */
                errors?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestPage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getRequestStats: {
        parameters: {
            query?: {
                /** @description As it was asked for, or as it was resolved. */
                model?: string;
                status?: number;
                protocol?: string;
                client?: string;
                key?: components["schemas"]["OpaqueId"];
                agent?: string;
                session?: string;
                /** @description Only what agents asked that others sent, or only the rest. */
                subagent?: string;
                route?: string;
                /** @description Requests that began then or later: a time, or a day in UTC. */
                since?: string;
                /** @description Requests that began before. */
                until?: string;
                /** @description Only requests that failed. */
                errors?: string;
                /** @description What to group by, of model, day, client, protocol, key, agent, session, subagent, route, separated by commas; empty: all in one. */
                by?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestStats"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    exportRequests: {
        parameters: {
            query?: {
                /** @description As it was asked for, or as it was resolved. */
                model?: string;
                status?: number;
                protocol?: string;
                client?: string;
                key?: components["schemas"]["OpaqueId"];
                agent?: string;
                session?: string;
                /** @description Only what agents asked that others sent, or only the rest. */
                subagent?: string;
                route?: string;
                /** @description Requests that began then or later: a time, or a day in UTC. */
                since?: string;
                /** @description Requests that began before. */
                until?: string;
                /** @description Only requests that failed. */
                errors?: string;
                format?: "jsonl" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestDetail"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description Revoked ones too. */
                revoked?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyCreate"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyCreated"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    searchHub: {
        parameters: {
            query?: {
                query?: string;
                /** @description Left out: the default author filter; empty = all. */
                author?: string;
                sort?: components["schemas"]["HubSort"];
                limit?: number;
                cursor?: string;
                /** @description Any of these, for example `4,8`. */
                bits?: string;
                /** @description Bytes on disk. */
                sizeMin?: number;
                /** @description Bytes on disk. */
                sizeMax?: number;
                /** @description A model type (`qwen3_moe`) or a family of them (`qwen3`, `llama`, `gemma`). */
                architecture?: string;
                /** @description All of these, for example `chat,tools`. */
                capability?: string;
                /** @description Whether it fits this machine at `context`. */
                fits?: string;
                /** @description Tokens to predict memory for; left out: the setting fitContextTokens. */
                context?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HubPage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getHubModel: {
        parameters: {
            query?: {
                /** @description Tokens to predict memory for; left out: the setting fitContextTokens. */
                context?: number;
                revision?: components["schemas"]["Revision"];
            };
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HubModelDetail"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listHubSiblings: {
        parameters: {
            query?: {
                /** @description Tokens to predict memory for; left out: the setting fitContextTokens. */
                context?: number;
            };
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HubSiblings"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getHubToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HubToken"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    setHubToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HubTokenUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HubToken"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    deleteHubToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HubToken"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listDownloads: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                state?: components["schemas"]["DownloadState"];
                active?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DownloadPage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    createDownload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DownloadCreate"];
            };
        };
        responses: {
            /** @description Already active */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getDownload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    cancelDownload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    updateDownload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DownloadPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    pauseDownload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    resumeDownload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    retryDownload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listModels: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                query?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelPage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    deleteModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelDeletion"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    deleteModelRevision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                owner: string;
                name: string;
                revision: components["schemas"]["Revision"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelDeletion"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    verifyModel: {
        parameters: {
            query?: {
                revision?: components["schemas"]["Revision"];
            };
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getVerification: {
        parameters: {
            query?: {
                revision?: components["schemas"]["Revision"];
            };
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelVerification"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    probeModel: {
        parameters: {
            query?: {
                revision?: components["schemas"]["Revision"];
            };
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    convertModel: {
        parameters: {
            query?: {
                revision?: components["schemas"]["Revision"];
            };
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelConvert"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    checkModelUpdate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getModelUsage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelUsage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listImportable: {
        parameters: {
            query?: {
                /** @description Look here instead of the usual places. */
                folder?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportableList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    importModel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelImport"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    cleanModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelClean"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelCleaning"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    repairModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    loadModel: {
        parameters: {
            query?: {
                /** @description Answer only when it is ready, or has failed. */
                wait?: string;
            };
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    unloadModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                owner: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerPage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listProfiles: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                implicit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfilePage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    createProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileCreate"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileView"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileView"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    deleteProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileView"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    updateProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfilePatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileChange"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    duplicateProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileDuplicate"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileView"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    exportProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileExportOutput"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    importProfile: {
        parameters: {
            query?: {
                /** @description In place of the slug in the file. */
                slug?: components["schemas"]["Slug"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileExport"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileView"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listPresets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PresetList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    startProfile: {
        parameters: {
            query?: {
                /** @description Answer only when it is ready, or has failed. */
                wait?: string;
            };
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    stopProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerPage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    restartProfile: {
        parameters: {
            query?: {
                /** @description Answer only when it is ready, or has failed. */
                wait?: string;
            };
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    previewPlacement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlacementRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Placement"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listServers: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                running?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerPage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getServerLogs: {
        parameters: {
            query?: {
                follow?: string;
                tail?: number;
                /** @description Only lines of this level and above. */
                level?: components["schemas"]["LogLevel"];
            };
            header?: never;
            path: {
                id: components["schemas"]["OpaqueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "text/event-stream": string;
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listEngines: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EngineList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    installEngine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["LocalEngineId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EngineJob"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    updateEngine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["LocalEngineId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EngineJob"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    rollbackEngine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["LocalEngineId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Engine"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    removeEngine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["schemas"]["LocalEngineId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EngineJob"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listMirrorModels: {
        parameters: {
            query?: {
                search?: components["schemas"]["HubParameter"];
                author?: components["schemas"]["HubParameter"];
                filter?: components["schemas"]["HubParameter"];
                sort?: components["schemas"]["HubParameter"];
                limit?: components["schemas"]["HubParameter"];
                cursor?: components["schemas"]["HubParameter"];
                expand?: components["schemas"]["HubParameter"];
                full?: components["schemas"]["HubParameter"];
                config?: components["schemas"]["HubParameter"];
                cardData?: components["schemas"]["HubParameter"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MirrorModelList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    readMirrorModel: {
        parameters: {
            query?: {
                blobs?: components["schemas"]["HubParameter"];
                expand?: components["schemas"]["HubParameter"];
                recursive?: components["schemas"]["HubParameter"];
                cursor?: components["schemas"]["HubParameter"];
            };
            header?: never;
            path: {
                /** @description `owner/name`, alone or with `/revision/{rev}`, `/tree/{rev}[/{folder}]`, `/refs`, `/paths-info/{rev}`. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MirrorAnswer"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    findMirrorPaths: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `owner/name`, alone or with `/revision/{rev}`, `/tree/{rev}[/{folder}]`, `/refs`, `/paths-info/{rev}`. */
                path: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MirrorPathsQuestion"];
                "application/x-www-form-urlencoded": components["schemas"]["MirrorPathsQuestion"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MirrorEntryList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getMirrorAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MirrorAccount"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    getMirrorFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `owner/name/resolve/{rev}/{path of the file}` */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listPeers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PeerList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listOpenAIModels: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIModelList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    getOpenAIModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIModel"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    createChatCompletion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChatRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatCompletion"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    createMessage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessagesRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicMessage"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
        };
    };
    createEmbeddings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmbeddingsRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbeddingsAnswer"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    countMessageTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model?: string | null;
                    messages: components["schemas"]["AnthropicMessageParam"][];
                    system?: (string | ({
                        /** @constant */
                        type: "text";
                        text: string;
                    } & {
                        [key: string]: unknown;
                    })[]) | null;
                    tools?: ({
                        type?: string | null;
                        name?: string;
                        description?: string | null;
                        input_schema?: {
                            [key: string]: unknown;
                        };
                    } & {
                        [key: string]: unknown;
                    })[] | null;
                    tool_choice?: (({
                        /** @constant */
                        type: "auto";
                        disable_parallel_tool_use?: boolean | null;
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "any";
                        disable_parallel_tool_use?: boolean | null;
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "tool";
                        name: string;
                        disable_parallel_tool_use?: boolean | null;
                    } & {
                        [key: string]: unknown;
                    }) | ({
                        /** @constant */
                        type: "none";
                    } & {
                        [key: string]: unknown;
                    })) | null;
                    thinking?: ({
                        /** @enum {string} */
                        type: "enabled" | "disabled" | "adaptive";
                        budget_tokens?: number | null;
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    output_config?: ({
                        effort?: string | null;
                        format?: ({
                            /** @constant */
                            type: "json_schema";
                            schema: {
                                [key: string]: unknown;
                            };
                        } & {
                            [key: string]: unknown;
                        }) | null;
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    output_format?: ({
                        /** @constant */
                        type: "json_schema";
                        schema: {
                            [key: string]: unknown;
                        };
                    } & {
                        [key: string]: unknown;
                    }) | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenCount"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnthropicError"];
                };
            };
        };
    };
    createCompletion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompletionRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Completion"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    createResponse: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResponseRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponseObject"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    getResponse: {
        parameters: {
            query?: {
                stream?: "true" | "false";
                starting_after?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponseObject"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    deleteResponse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponseDeleted"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    countResponseInput: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResponseRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponseInputCount"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    cancelResponse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponseObject"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    listResponseItems: {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
                order?: "asc" | "desc";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponseItemList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    getOllamaVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaVersion"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
    listOllamaModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaModelList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
    showOllamaModel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaShowRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaModel"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
    listOllamaRunning: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaRunningList"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
    createOllamaChat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaChatRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaChatAnswer"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
    createOllamaCompletion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaGenerateRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaGenerateAnswer"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
    createOllamaEmbeddings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaEmbedRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaEmbedAnswer"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
    createOllamaEmbedding: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaEmbeddingsRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaEmbeddingsAnswer"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
    pullOllamaModel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaPullRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaPullLine"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
    deleteOllamaModel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaDeleteRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            /** @description Failed */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaError"];
                };
            };
        };
    };
}
