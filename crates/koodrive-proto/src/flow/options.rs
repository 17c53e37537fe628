/// The options that every flow takes for each of its requests, from one text.
macro_rules! options {
    ($($place:ident).+) => {
        /// The X-Traceid of each request.
        pub fn trace_id(mut self, trace_id: $crate::TraceId) -> Self {
            self.$($place).+.trace_id = Some(trace_id);
            self
        }

        /// The language of the service's messages.
        pub fn language(mut self, language: $crate::Language) -> Self {
            self.$($place).+.language = Some(language);
            self
        }

        /// One more header, or another value of User-Agent or Accept.
        ///
        /// Headers that follow from the request (Host, Authorization, Content-Length and their kind) are refused when
        /// the request is built.
        pub fn header(mut self, name: http::HeaderName, value: http::HeaderValue) -> Self {
            self.$($place).+.headers.insert(name, value);
            self
        }

        /// How long one attempt may take, from connecting to the last byte of the answer: 30 s unless set.
        pub fn attempt_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.$($place).+.attempt_timeout = Some(timeout);
            self
        }

        /// How often and how soon a request is sent again, instead of the [`Api`](crate::Api)'s policy.
        pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
            self.$($place).+.retry = Some(policy);
            self
        }
    };
}

pub(crate) use options;
