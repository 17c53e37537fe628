/// Defines the options that every flow has for each of its requests, so that all flows have the same.
macro_rules! options {
    ($($place:ident).+) => {
        /// Sets the X-Traceid of each request.
        pub fn trace_id(mut self, trace_id: $crate::TraceId) -> Self {
            self.$($place).+.trace_id = Some(trace_id);
            self
        }

        /// Sets the language of the service's messages.
        pub fn language(mut self, language: $crate::Language) -> Self {
            self.$($place).+.language = Some(language);
            self
        }

        /// Sets a header. It replaces what this name had before: another call of this function, or the request's own
        /// User-Agent or Accept.
        ///
        /// The request is refused when it is built if the header isn't the caller's to set: what the request or a
        /// parameter determines (Host, Authorization, Content-Type and the like), what belongs to the connection
        /// (Connection, Expect, Proxy-Authorization and the like), and what changes the form of the body or of the
        /// answer (Content-Encoding, Accept-Encoding, Range).
        pub fn header(mut self, name: http::HeaderName, value: http::HeaderValue) -> Self {
            self.$($place).+.headers.insert(name, value);
            self
        }

        /// Sets how long one attempt may take, from connecting to the last byte of the answer: 30 s unless set.
        pub fn attempt_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.$($place).+.attempt_timeout = Some(timeout);
            self
        }

        /// Sets how many bytes the answer may have, instead of [`Api::answer_limit`](crate::Api::answer_limit).
        pub fn answer_limit(mut self, bytes: u64) -> Self {
            self.$($place).+.answer_limit = Some(bytes);
            self
        }

        /// Sets how many times a request is retried and how soon, instead of the [`Api`](crate::Api)'s policy.
        pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
            self.$($place).+.retry = Some(policy);
            self
        }
    };
}

pub(crate) use options;
