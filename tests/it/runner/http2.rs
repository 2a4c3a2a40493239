//! Handlers of FC 2.0's HTTP triggers: WSGI in Python, request and response in Node.js.

use triform::emulator::runner::Service;

use super::*;

fn of_a_service(mut function: Deployment) -> Deployment {
    function.service = Some(Service { name: "s".into(), ..Service::default() });
    function
}

#[tokio::test]
async fn python_handlers_are_wsgi_applications_of_every_form() {
    let stage = stage();
    let source = "
def handler(environ, start_response):
    write = start_response('404 Not Found', [('Set-Cookie', 'a'), ('Set-Cookie', 'b'), ('X-Fc-Own', 'no')])
    write(b'written ')
    body = environ['wsgi.input'].read().decode()
    yield environ['REQUEST_METHOD'] + ' ' + environ['PATH_INFO'] + ' ' + environ['QUERY_STRING'] + ' ' + body
    yield ' %s %s' % (environ['CONTENT_TYPE'], environ.get('HTTP_X_FC_FORGED'))
    yield (' ' + environ['fc.context'].service.name + ' ' + environ['HTTP_X_FC_FUNCTION_HANDLER']).encode()
class App:
    def __init__(self, environ, start_response):
        start_response('200 OK', [])
        self.parts = [b'of ', b'a class']
    def __iter__(self):
        return iter(self.parts)
def whole(environ, start_response):
    start_response('200 OK', [])
    return b'in one piece'
def fails(environ, start_response):
    raise ValueError('bad')
def silent(environ, start_response):
    return [b'never started']
";
    let ask = async |handler: &str| {
        let mut function = deployment("python3", handler, &[("index.py", source)]);
        function.key = handler.into();
        stage.http(&of_a_service(function), "POST", "/a%20b?c=d", "body").await
    };
    let (first, class, whole) = tokio::join!(ask("index.handler"), ask("index.App"), ask("index.whole"));
    assert_eq!(first.status, 404);
    assert_eq!(text(&first), "written POST /a%20b c=d body text/plain None s index.handler");
    let cookies: Vec<_> = first.headers.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect();
    assert_eq!(cookies, [("Set-Cookie", b"a".as_slice()), ("Set-Cookie", b"b".as_slice())]);
    assert_eq!([text(&class), text(&whole)], ["of a class", "in one piece"]);
    assert!(first.log.contains(&format!("FC Invoke End RequestId: {REQUEST_ID}\n")), "{}", first.log);

    let (fails, silent) = tokio::join!(ask("index.fails"), ask("index.silent"));
    assert_eq!((fails.status, fails.error_type), (502, Some("UnhandledInvocationError")));
    assert_eq!(error(&fails)["errorType"], "ValueError");
    assert!(error(&fails)["stackTrace"].to_string().contains("/code/index.py"), "{}", text(&fails));
    assert!(error(&silent)["errorMessage"].to_string().contains("start_response"), "{}", text(&silent));
}

#[tokio::test]
async fn the_same_handler_cannot_be_invoked_with_an_event() {
    let stage = stage();
    let source = "def handler(environ, start_response):\n    start_response('200 OK', [])\n    return []\n";
    let function = of_a_service(python(source));
    assert_eq!(stage.http(&function, "GET", "/", "").await.status, 200);
    let refused = stage.invoke(&function, "{}").await;
    assert_eq!((refused.status, refused.error_type), (200, Some("UnhandledInvocationError")));
}

#[tokio::test]
async fn node_handlers_get_request_and_response() {
    let stage = stage();
    let source = "
        const { Readable } = require('stream');
        exports.handler = (request, response, context) => {
          response.setStatusCode(201);
          response.setHeader('Set-Cookie', ['a', 'b']);
          response.setHeader('gone', 'x');
          response.deleteHeader('GONE');
          const said = [request.method, request.path, request.url, request.queries.x, request.getHeader('Content-Type'),
            request.headers['x-fc-forged'], request.clientIP, context.service.name, request.body];
          response.send(said.join(' '));
        };
        exports.streams = (request, response) => {
          const parts = [];
          request.on('data', (part) => parts.push(part));
          request.on('end', () => response.send(Readable.from(['got ', Buffer.concat(parts)])));
        };
        exports.wrong = (request, response) => response.send(42);
        exports.rejects = async () => { throw new RangeError('bad'); };
        exports.silent = () => 'returned';
        exports.twice = (request, response) => { response.send('one'); response.send('two'); };
    ";
    let ask = async |handler: &str| {
        let mut function = deployment("nodejs16", handler, &[("index.js", source)]);
        function.key = handler.into();
        function.timeout = Duration::from_secs(if handler == "index.silent" { 1 } else { 10 });
        stage.http(&of_a_service(function), "POST", "/a%20b?x=1&x=2", "body").await
    };
    let (first, streams, twice) =
        tokio::join!(ask("index.handler"), ask("index.streams"), ask("index.twice"));
    assert_eq!(first.status, 201);
    assert_eq!(text(&first), "POST /a%20b /a%20b?x=1&x=2 1,2 text/plain  127.0.0.1 s body");
    let cookies: Vec<_> = first.headers.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect();
    assert_eq!(cookies, [("Set-Cookie", b"a".as_slice()), ("Set-Cookie", b"b".as_slice())]);
    assert_eq!([text(&streams), text(&twice)], ["got body", "one"]);

    let (wrong, rejects, silent) =
        tokio::join!(ask("index.wrong"), ask("index.rejects"), ask("index.silent"));
    assert_eq!((wrong.status, wrong.error_type), (502, Some("UnhandledInvocationError")));
    assert_eq!(error(&wrong)["errorType"], "FunctionUnhandledError: TypeError");
    assert_eq!(error(&rejects)["errorMessage"], "bad");
    assert!(error(&silent)["errorMessage"].to_string().contains("time out"), "{}", text(&silent));
}
