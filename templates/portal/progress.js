(id=>{let seen=Date.now(),asked;
const one=(s,d=document)=>d.querySelector(s),
go=()=>{if(asked)return;asked=1;fetch(location.href,{signal:AbortSignal.timeout&&AbortSignal.timeout(5e3)}).then(r=>r.text()).then(t=>{
const d=document.createElement("template");d.innerHTML=t;
seen=Date.now();
const said=e=>e&&e.textContent;
if(!one("#now",d.content)||one("footer")&&said(one("footer"))!=said(one("footer",d.content)))return location.reload();
for(const s of["title","main","#now"]){const a=one(s),b=one(s,d.content);if(a.innerHTML!=b.innerHTML)a.innerHTML=b.innerHTML}}).catch(()=>{}).then(()=>{asked=0;one("#lost").hidden=Date.now()-seen<8e3})};
setInterval(go,2e3);
if(window.EventSource)new EventSource("/api/v1/setup/"+id+"/events").onmessage=go
})("{{ life.id }}")
