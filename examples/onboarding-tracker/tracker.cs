#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false

// Customer onboarding tracker
// run with: dotnet run tracker.cs     then open http://localhost:5080

using System.Net;
using System.Text;
using System.Text.Json;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();

var port = Environment.GetEnvironmentVariable("PORT") ?? "5080";
var folder = AppContext.GetData("EntryPointFileDirectoryPath") as string ?? Directory.GetCurrentDirectory();
var store = new Store(Environment.GetEnvironmentVariable("TRACKER_DATA") ?? Path.Combine(folder, "customers.json"));

// ---------- pages ----------

app.MapGet("/", (HttpContext http, string? q, string? show) =>
{
    var all = store.All();
    var shown = all
        .Where(c => string.IsNullOrWhiteSpace(q) || c.Name.Contains(q, StringComparison.OrdinalIgnoreCase) || c.Contact.Contains(q, StringComparison.OrdinalIgnoreCase))
        .Where(c => show switch { "active" => !c.Done, "live" => c.Done, _ => true })
        .OrderBy(c => c.Done).ThenBy(c => c.GoLive)
        .ToList();
    return Page(http, "Customers", Ui.Home(all, shown, q ?? "", show ?? "all"));
});

app.MapGet("/customers/{id:int}", (HttpContext http, int id) =>
    store.Find(id) is { } customer ? Page(http, customer.Name, Ui.Detail(customer)) : NotFoundPage(http));

app.MapPost("/customers", async (HttpContext http) =>
{
    var form = await http.Request.ReadFormAsync();
    var name = form["name"].ToString().Trim();
    if (name == "")
        return Back(http, "/", "A customer needs a name.");
    var goLive = DateOnly.TryParse(form["goLive"], out var date) ? date : DateOnly.FromDateTime(DateTime.Today.AddDays(30));
    var customer = store.Add(name, form["contact"].ToString().Trim(), goLive);
    return Back(http, $"/customers/{customer.Id}", $"{customer.Name} was added.");
});

app.MapPost("/customers/{id:int}/steps/{step:int}", (HttpContext http, int id, int step) =>
{
    var customer = store.Change(id, c => c.Toggle(step));
    if (customer is null)
        return NotFoundPage(http);
    return Back(http, $"/customers/{id}", customer.Done ? $"{customer.Name} is live!" : $"Saved. {customer.Percent}% done.");
});

app.MapPost("/customers/{id:int}/notes", async (HttpContext http, int id) =>
{
    var form = await http.Request.ReadFormAsync();
    var text = form["text"].ToString().Trim();
    if (text == "")
        return Back(http, $"/customers/{id}", "The note was empty.");
    return store.Change(id, c => c.Notes.Add(new Note(text, DateTime.Now))) is null ? NotFoundPage(http) : Back(http, $"/customers/{id}", "Note added.");
});

app.MapPost("/customers/{id:int}/delete", (HttpContext http, int id) =>
    store.Remove(id) is { } gone ? Back(http, "/", $"{gone.Name} was removed.") : NotFoundPage(http));

app.MapGet("/export.csv", (HttpContext http) =>
{
    var csv = new StringBuilder("Id,Customer,Contact,Go-live,Progress,Open steps,Notes\r\n");
    foreach (var c in store.All())
        csv.Append($"{c.Id},{Csv(c.Name)},{Csv(c.Contact)},{c.GoLive:yyyy-MM-dd},{c.Percent}%,{Csv(string.Join("; ", c.Steps.Where(s => !s.Done).Select(s => s.Title)))},{c.Notes.Count}\r\n");
    http.Response.Headers.ContentDisposition = "attachment; filename=\"onboarding.csv\"";
    return Results.Bytes(Encoding.UTF8.GetBytes("\uFEFF" + csv), "text/csv; charset=utf-8");
});

// ---------- JSON API ----------

app.MapGet("/api/customers", () => store.All());
app.MapGet("/api/customers/{id:int}", (int id) => store.Find(id) is { } c ? Results.Ok(c) : Results.NotFound(new { error = $"no customer {id}" }));
app.MapPost("/api/customers", (HttpContext http, NewCustomer body) =>
{
    if (string.IsNullOrWhiteSpace(body.Name))
        return Results.BadRequest(new { error = "name is required" });
    var customer = store.Add(body.Name, body.Contact ?? "", body.GoLive ?? DateOnly.FromDateTime(DateTime.Today.AddDays(30)));
    return Results.Created($"{http.Request.Scheme}://{http.Request.Host}/api/customers/{customer.Id}", customer);
});
app.MapPatch("/api/customers/{id:int}/steps/{step:int}", (int id, int step) => store.Change(id, c => c.Toggle(step)) is { } c ? Results.Ok(c) : Results.NotFound());
app.MapDelete("/api/customers/{id:int}", (int id) => store.Remove(id) is null ? Results.NotFound() : Results.NoContent());
app.MapGet("/api/stats", () =>
{
    var all = store.All();
    return new { customers = all.Count, live = all.Count(c => c.Done), late = all.Count(c => c.Late), progress = all.Count == 0 ? 0 : (int)all.Average(c => c.Percent) };
});

app.MapFallback((HttpContext http) => NotFoundPage(http));

Console.WriteLine($"Onboarding tracker is running on http://localhost:{port}");
app.Run($"http://localhost:{port}");

// ---------- helpers ----------

// the flash message travels in a cookie: set on redirect, shown once, then cleared
static IResult Back(HttpContext http, string path, string flash)
{
    http.Response.Cookies.Append("flash", flash, new CookieOptions { HttpOnly = true, Path = "/", SameSite = SameSiteMode.Lax });
    return Results.Redirect($"{http.Request.Scheme}://{http.Request.Host}{path}");
}

static IResult Page(HttpContext http, string title, string body, int status = 200)
{
    var flash = http.Request.Cookies["flash"];
    if (flash is not null)
        http.Response.Cookies.Delete("flash");
    return Results.Content(Ui.Layout(title, flash, body), "text/html; charset=utf-8", null, status);
}

static IResult NotFoundPage(HttpContext http) =>
    Page(http, "Not found", "<section class='empty'><h1>Nothing here</h1><p>That page or customer does not exist (any more).</p><a class='button' href='/'>Back to all customers</a></section>", 404);

static string Csv(string value) => value.IndexOfAny([',', '"', '\n', ';']) < 0 ? value : $"\"{value.Replace("\"", "\"\"")}\"";

record NewCustomer(string? Name, string? Contact, DateOnly? GoLive);
record Note(string Text, DateTime At);

class Step
{
    public string Title { get; set; } = "";
    public bool Done { get; set; }
}

class Customer
{
    public static readonly string[] Template = ["Kick-off call", "Contract signed", "Workspace created", "Data imported", "SSO configured", "Team trained", "Go-live"];

    public int Id { get; set; }
    public string Name { get; set; } = "";
    public string Contact { get; set; } = "";
    public DateOnly GoLive { get; set; }
    public List<Step> Steps { get; set; } = Template.Select(t => new Step { Title = t }).ToList();
    public List<Note> Notes { get; set; } = [];

    public bool Done => Steps.All(s => s.Done);
    public bool Late => !Done && GoLive < DateOnly.FromDateTime(DateTime.Today);
    public int Percent => Steps.Count(s => s.Done) * 100 / Math.Max(1, Steps.Count);

    public void Toggle(int step)
    {
        if (step >= 0 && step < Steps.Count)
            Steps[step].Done = !Steps[step].Done;
    }
}

class Store
{
    readonly string file;
    readonly List<Customer> customers;
    readonly object gate = new();

    public Store(string file)
    {
        this.file = file;
        customers = File.Exists(file) ? JsonSerializer.Deserialize<List<Customer>>(File.ReadAllText(file))! : Demo();
    }

    public List<Customer> All() { lock (gate) return [.. customers]; }
    public Customer? Find(int id) { lock (gate) return customers.Find(c => c.Id == id); }

    public Customer Add(string name, string contact, DateOnly goLive)
    {
        lock (gate)
        {
            var customer = new Customer { Id = customers.Count == 0 ? 1 : customers.Max(c => c.Id) + 1, Name = name, Contact = contact, GoLive = goLive };
            customers.Add(customer);
            Save();
            return customer;
        }
    }

    public Customer? Change(int id, Action<Customer> change)
    {
        lock (gate)
        {
            var customer = customers.Find(c => c.Id == id);
            if (customer is null) return null;
            change(customer);
            Save();
            return customer;
        }
    }

    public Customer? Remove(int id)
    {
        lock (gate)
        {
            var customer = customers.Find(c => c.Id == id);
            if (customer is null) return null;
            customers.Remove(customer);
            Save();
            return customer;
        }
    }

    void Save() => File.WriteAllText(file, JsonSerializer.Serialize(customers, new JsonSerializerOptions { WriteIndented = true }));

    static List<Customer> Demo()
    {
        var today = DateOnly.FromDateTime(DateTime.Today);
        List<Customer> demo =
        [
            new() { Id = 1, Name = "Northwind Traders", Contact = "Ana Trujillo", GoLive = today.AddDays(12) },
            new() { Id = 2, Name = "Contoso Café", Contact = "Jörg Müller", GoLive = today.AddDays(-2) },
            new() { Id = 3, Name = "Fabrikam Robotics", Contact = "Yuki Tanaka", GoLive = today.AddDays(45) },
            new() { Id = 4, Name = "Tailspin Toys", Contact = "Sam Okafor", GoLive = today.AddDays(-20) },
        ];
        for (var i = 0; i < 4; i++) demo[0].Steps[i].Done = true;
        for (var i = 0; i < 6; i++) demo[1].Steps[i].Done = true;
        demo[2].Steps[0].Done = true;
        demo[3].Steps.ForEach(s => s.Done = true);
        demo[1].Notes.Add(new Note("Waiting for their IT to approve SSO.", DateTime.Now.AddDays(-3)));
        return demo;
    }
}

static class Ui
{
    static string E(string text) => WebUtility.HtmlEncode(text);

    public static string Home(List<Customer> all, List<Customer> shown, string q, string show)
    {
        var cards = string.Concat(shown.Select(c => $$"""
            <a class="card" href="/customers/{{c.Id}}">
              <div class="row"><span class="avatar" style="--hue:{{c.Name.Sum(ch => ch) % 360}}">{{E(Initials(c.Name))}}</span>
                <div class="grow"><h3>{{E(c.Name)}}</h3><p class="muted">{{E(c.Contact)}}</p></div>{{Badge(c)}}</div>
              <div class="bar"><i style="width:{{c.Percent}}%"></i></div>
              <div class="row small muted"><span class="grow">{{(c.Done ? "All steps done" : "Next: " + E(c.Steps.First(s => !s.Done).Title))}}</span><span>{{c.Percent}}%</span></div>
            </a>
            """));
        var tabs = string.Concat(new[] { ("all", "All"), ("active", "In progress"), ("live", "Live") }.Select(t =>
            $"<a class='tab{(t.Item1 == show ? " on" : "")}' href='/?show={t.Item1}'>{t.Item2}</a>"));
        return $$"""
            <section class="stats">
              <div><b>{{all.Count}}</b><span>customers</span></div>
              <div><b>{{all.Count(c => !c.Done)}}</b><span>in progress</span></div>
              <div><b>{{all.Count(c => c.Done)}}</b><span>live</span></div>
              <div class="{{(all.Any(c => c.Late) ? "warn" : "")}}"><b>{{all.Count(c => c.Late)}}</b><span>late</span></div>
            </section>
            <div class="row toolbar"><nav class="grow">{{tabs}}</nav>
              <form action="/" method="get"><input type="search" name="q" placeholder="Search…" value="{{E(q)}}" aria-label="Search"></form>
              <a class="button ghost" href="/export.csv">Export CSV</a></div>
            <section class="grid">{{(cards == "" ? "<p class='empty'>No customers match.</p>" : cards)}}</section>
            <section class="panel"><h2>Add a customer</h2>
              <form action="/customers" method="post" class="add">
                <label>Company<input name="name" required placeholder="Adventure Works"></label>
                <label>Contact<input name="contact" placeholder="Who do we talk to?"></label>
                <label>Go-live<input name="goLive" type="date"></label>
                <button>Add customer</button>
              </form></section>
            """;
    }

    public static string Detail(Customer c)
    {
        var steps = string.Concat(c.Steps.Select((s, i) => $$"""
            <li><form action="/customers/{{c.Id}}/steps/{{i}}" method="post"><button class="step{{(s.Done ? " done" : "")}}" aria-pressed="{{(s.Done ? "true" : "false")}}"><span class="tick">{{(s.Done ? "✓" : "")}}</span>{{E(s.Title)}}</button></form></li>
            """));
        var notes = string.Concat(c.Notes.AsEnumerable().Reverse().Select(n => $"<li><p>{E(n.Text)}</p><time>{n.At:d MMM yyyy, HH:mm}</time></li>"));
        return $$"""
            <p><a class="muted" href="/">← All customers</a></p>
            <div class="row head"><span class="avatar big" style="--hue:{{c.Name.Sum(ch => ch) % 360}}">{{E(Initials(c.Name))}}</span>
              <div class="grow"><h1>{{E(c.Name)}}</h1><p class="muted">{{E(c.Contact)}} · go-live {{c.GoLive:d MMM yyyy}}</p></div>{{Badge(c)}}</div>
            <div class="bar tall"><i style="width:{{c.Percent}}%"></i></div>
            <div class="two">
              <section class="panel"><h2>Steps <small>{{c.Steps.Count(s => s.Done)}} of {{c.Steps.Count}}</small></h2><ol class="steps">{{steps}}</ol></section>
              <section class="panel"><h2>Notes</h2>
                <form action="/customers/{{c.Id}}/notes" method="post" class="note"><textarea name="text" rows="3" placeholder="What happened?" required></textarea><button>Add note</button></form>
                <ul class="notes">{{(notes == "" ? "<li class='muted'>No notes yet.</li>" : notes)}}</ul></section>
            </div>
            <form action="/customers/{{c.Id}}/delete" method="post" class="danger"><button class="ghost">Remove this customer</button></form>
            """;
    }

    static string Initials(string name) => string.Concat(name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2).Select(w => w[..1].ToUpper()));
    static string Badge(Customer c) => c.Done ? "<span class='badge live'>Live</span>" : c.Late ? "<span class='badge late'>Late</span>" : $"<span class='badge'>{c.GoLive:d MMM}</span>";

    public static string Layout(string title, string? flash, string body) => $$"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{E(title)}} · Onboarding</title>
        <link rel="icon" href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100'><rect width='100' height='100' rx='24' fill='%234f46e5'/><path d='M24 52l18 18 36-42' fill='none' stroke='white' stroke-width='12'/></svg>">
        <style>
          :root { --bg:#f6f7fb; --panel:#fff; --text:#1d2333; --muted:#6b7285; --line:#e5e8f0; --accent:#4f46e5; --good:#0f9d6b; --bad:#d1435b; }
          * { box-sizing:border-box; margin:0 }
          body { font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif; background:var(--bg); color:var(--text) }
          header { background:linear-gradient(100deg,#4f46e5,#7c3aed); color:#fff } header div { max-width:960px; margin:auto; padding:18px 24px; font-weight:650; font-size:1.15rem }
          header a { color:inherit; text-decoration:none; display:inline-flex; gap:9px; align-items:center }
          main { max-width:960px; margin:28px auto 80px; padding:0 24px; display:grid; gap:22px }
          h1 { font-size:1.7rem; line-height:1.2 } h2 { font-size:1.1rem; margin-bottom:12px } h2 small { color:var(--muted); font-weight:400 } h3 { font-size:1rem }
          a { color:var(--accent) } .muted { color:var(--muted) } a.muted { text-decoration:none } .small { font-size:.85rem }
          .row { display:flex; align-items:center; gap:12px } .grow { flex:1; min-width:0 }
          .stats { display:grid; grid-template-columns:repeat(4,1fr); gap:14px } .stats div { background:var(--panel); border:1px solid var(--line); border-radius:14px; padding:16px 18px }
          .stats b { display:block; font-size:1.7rem; line-height:1.1 } .stats span { color:var(--muted); font-size:.88rem } .stats .warn b { color:var(--bad) }
          .grid { display:grid; grid-template-columns:repeat(auto-fill,minmax(280px,1fr)); gap:14px }
          .card,.panel { background:var(--panel); border:1px solid var(--line); border-radius:14px; padding:18px } .card { color:inherit; text-decoration:none; display:grid; gap:12px; grid-template-rows:1fr auto auto; transition:.15s }
          .card:hover { border-color:var(--accent); box-shadow:0 6px 20px #4f46e51f; transform:translateY(-1px) }
          .avatar { width:40px; height:40px; border-radius:11px; display:grid; place-items:center; font-weight:650; font-size:.88rem; background:hsl(var(--hue) 70% 92%); color:hsl(var(--hue) 55% 32%) } .avatar.big { width:56px; height:56px; font-size:1.15rem; border-radius:15px }
          .bar { height:7px; border-radius:9px; background:var(--line); overflow:hidden } .bar i { display:block; height:100%; border-radius:9px; background:linear-gradient(90deg,#4f46e5,#7c3aed) } .bar.tall { height:10px }
          .badge { font-size:.78rem; font-weight:600; padding:3px 10px; border-radius:99px; background:#eceefb; color:#3f3ab0; white-space:nowrap } .badge.live { background:#ddf5ea; color:#0b7651 } .badge.late { background:#fde4e8; color:#b02a43 }
          .tab { padding:7px 14px; border-radius:99px; color:var(--muted); text-decoration:none; font-size:.92rem } .tab.on { background:var(--panel); border:1px solid var(--line); color:var(--text); font-weight:600 }
          input,textarea,button,.button { font:inherit; border-radius:10px; border:1px solid var(--line); padding:9px 13px; background:#fff; color:inherit } input,textarea { width:100% } input:focus,textarea:focus { outline:2px solid #4f46e555; border-color:var(--accent) }
          button,.button { background:var(--accent); border-color:var(--accent); color:#fff; font-weight:600; cursor:pointer; text-decoration:none; white-space:nowrap } .ghost { background:var(--panel); color:var(--text); border-color:var(--line); font-weight:500 }
          .add { display:grid; grid-template-columns:2fr 2fr 1.2fr auto; gap:12px; align-items:end } label { font-size:.85rem; color:var(--muted); display:grid; gap:5px } label input { font-size:1rem; height:46px; color:var(--text) } .add button { height:46px }
          .two { display:grid; grid-template-columns:1fr 1fr; gap:18px; align-items:start } .steps,.notes { list-style:none; padding:0; display:grid; gap:8px }
          .step { width:100%; text-align:left; background:#fff; color:var(--text); border-color:var(--line); font-weight:500; display:flex; gap:12px; align-items:center } .step:hover { border-color:var(--accent) }
          .tick { width:22px; height:22px; border-radius:7px; border:2px solid #c8cddc; display:grid; place-items:center; font-size:.8rem; color:#fff } .step.done { color:var(--muted); text-decoration:line-through } .step.done .tick { background:var(--good); border-color:var(--good) }
          .note { display:grid; gap:10px; margin-bottom:16px; justify-items:start } .notes li { border-left:3px solid var(--line); padding:2px 0 2px 12px } .notes time { color:var(--muted); font-size:.82rem }
          .flash { background:#e9e8fd; border:1px solid #d5d2fb; color:#37319b; border-radius:12px; padding:11px 16px } .empty { text-align:center; padding:48px 0; display:grid; gap:14px; justify-items:center; color:var(--muted); grid-column:1/-1 }
          @media (max-width:720px) { .stats,.two { grid-template-columns:1fr 1fr } .two,.add { grid-template-columns:1fr } .toolbar { flex-wrap:wrap } }
        </style></head>
        <body><header><div><a href="/"><svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round"><path d="M3 10.5 8 15.5 17 4.5"/></svg>Customer onboarding</a></div></header>
        <main>{{(flash is null ? "" : $"<p class='flash' role='status'>{E(flash)}</p>")}}{{body}}</main></body></html>
        """;
}
