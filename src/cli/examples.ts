import type { Command } from 'commander';

/** Command → lines that show its use. */
const EXAMPLES: Record<string, string[]> = {
  'cluster apply': [
    'k3dui cluster diff k3d.yaml',
    'k3dui cluster apply k3d.yaml --dry-run',
    'k3dui cluster apply k3d.yaml --recreate --yes',
  ],
  'node create': [
    'k3dui node create demo-agent -c demo --replicas 2',
    'k3dui node create demo-server -c demo --role server',
    'k3dui node create edge -c https://10.0.0.5:6443 --token "$TOKEN"',
  ],
  'cluster create': [
    'k3dui cluster create demo --agents 2 -p 8080:80@loadbalancer',
    'k3dui cluster create ha --servers 3 --api-port 127.0.0.1:6550',
    'k3dui cluster create bare --k3s-arg --disable=traefik@server:0 --dry-run',
    'k3dui cluster create -c demo.yaml --agents 3',
    'k3dui cluster create --like-last --replace --yes  # the same once more, anew',
  ],
  'image import': [
    'k3dui image import app:dev -c demo',
    'k3dui image import app:latest --retag dev -c demo -c other',
    'docker save app:dev | k3dui image import - -c demo',
  ],
  'cluster export': [
    'k3dui cluster export demo',
    'k3dui cluster export demo -o k3d.yaml  # then: k3dui up, k3dui down',
    'k3dui cluster export demo | k3d cluster create -c -',
  ],
  'registry create': [
    'k3dui registry create dev --port 5000 --delete-enabled -v dev-images:/var/lib/registry',
    'k3dui registry create hub --proxy-remote-url https://registry-1.docker.io --cluster demo',
  ],
  completion: [
    'source <(k3dui completion bash)  # for this shell; for all to come:',
    'k3dui completion bash > ~/.local/share/bash-completion/completions/k3dui',
    `k3dui completion zsh > "\${fpath[1]}/_k3dui"`,
    'k3dui completion fish > ~/.config/fish/completions/k3dui.fish',
    'k3dui completion powershell | Out-String | Invoke-Expression  # in the profile',
  ],
  'cluster start': ['k3dui cluster start demo', 'k3dui cluster start --all --timeout 2m'],
  'cluster stop': ['k3dui cluster stop demo', 'k3dui cluster stop --all'],
  'cluster restart': ['k3dui cluster restart demo'],
  'cluster delete': [
    'k3dui cluster delete demo test',
    'k3dui cluster delete --all',
    'k3dui cluster delete -c k3d.yaml',
  ],
  'cluster edit': [
    'k3dui cluster edit demo --port-add 8080:80@loadbalancer',
    'k3dui cluster edit demo --port-delete 8080:80@loadbalancer --port-add 9090:80@loadbalancer --dry-run',
  ],
  'cluster list': ['k3dui cluster list', 'k3dui cluster list demo -o json', 'k3dui cluster list --no-headers --token'],
  'cluster logs': ['k3dui cluster logs demo -f', 'k3dui cluster logs demo --since 10m --grep error -o logs/'],
  'cluster clone': [
    'k3dui cluster clone demo demo2',
    'k3dui cluster clone demo demo2 --image rancher/k3s:v1.33.5-k3s1',
    'k3dui cluster clone demo demo2 --keep-ports --dry-run',
  ],
  'cluster diff': ['k3dui cluster diff k3d.yaml', 'k3dui cluster diff k3d.yaml demo -o json'],
  'kubeconfig get': ['k3dui kubeconfig get demo > demo.yaml', 'k3dui kubeconfig get --all'],
  'kubeconfig merge': [
    'export KUBECONFIG=$(k3dui kubeconfig write demo)',
    'k3dui kubeconfig merge demo --kubeconfig-merge-default --kubeconfig-switch-context=false',
    'k3dui kubeconfig merge demo -o - | kubectl --kubeconfig /dev/stdin get nodes',
  ],
  'node list': ['k3dui node list', 'k3dui node list k3d-demo-server-0 -o yaml'],
  'node edit': ['k3dui node edit k3d-demo-serverlb --port-add 8080:80'],
  'node start': ['k3dui node start k3d-demo-agent-0 --wait'],
  'node stop': ['k3dui node stop k3d-demo-agent-0 k3d-demo-agent-1'],
  'node restart': ['k3dui node restart k3d-demo-agent-0'],
  'node shell': ['k3dui node shell k3d-demo-server-0', 'k3dui node shell k3d-demo-server-0 -- crictl ps'],
  'node attach': ['k3dui node attach k3d-demo-serverlb'],
  'node logs': ['k3dui node logs k3d-demo-server-0 -f', 'k3dui node logs k3d-demo-server-0 --tail 100 --grep error'],
  'node delete': ['k3dui node delete k3d-demo-agent-1', 'k3dui node delete k3d-demo-agent-1 --drain=false --dry-run'],
  version: ['k3dui version', 'k3dui version -o json'],
  'version list': [
    'k3dui version list k3s --limit 10',
    "k3dui version list k3s --include '^v1\\.31\\.' --output repo",
    'k3dui version list k3s --from registry.example.com/rancher/k3s',
  ],
  'runtime-info': ['k3dui runtime-info'],
  'debug loadbalancer get-config': ['k3dui debug loadbalancer get-config demo'],
  help: ['k3dui help cluster create'],
  man: ['k3dui man > ~/.local/share/man/man1/k3dui.1', 'k3dui man | man -l -'],
  up: ['k3dui up', 'k3dui up --dry-run'],
  down: ['k3dui down'],
  'leftovers list': ['k3dui leftovers list', 'k3dui leftovers list -o json'],
  'leftovers remove': ['k3dui leftovers remove --all --dry-run', 'k3dui leftovers remove k3d-demo-images'],
  'image list': ['k3dui image list -c demo', 'k3dui image list nginx -o json'],
  'image history': ['k3dui image history myapp:1 -c demo'],
  'image remove': ['k3dui image remove myapp:1 -c demo'],
  'image verify': ['k3dui image verify myapp:1 -c demo'],
  'image pull': ['k3dui image pull k3d-reg:5000/myapp:1 -c demo'],
  'ingress create': ['k3dui ingress create demo web:80 --hostname web.localhost'],
  'ingress delete': ['k3dui ingress delete demo web'],
  'registry list': ['k3dui registry list', 'k3dui registry list -o json'],
  'registry start': ['k3dui registry start k3d-reg'],
  'registry stop': ['k3dui registry stop k3d-reg'],
  'registry restart': ['k3dui registry restart k3d-reg'],
  'registry delete': ['k3dui registry delete k3d-reg', 'k3dui registry delete --all --dry-run'],
  'registry connect': ['k3dui registry connect k3d-reg -c demo'],
  'registry disconnect': ['k3dui registry disconnect k3d-reg -c demo'],
  'registry references': ['k3dui registry references k3d-reg', 'k3dui registry references k3d-reg myapp:1'],
  'registry browse': ['k3dui registry browse k3d-reg', 'k3dui registry browse k3d-reg myapp'],
  'registry push': [
    'k3dui registry push k3d-reg myapp:1',
    'k3dui registry push k3d-reg nginx:1.29 --as mirror/nginx:1.29',
  ],
  'registry delete-tag': ['k3dui registry delete-tag k3d-reg myapp:1 --collect'],
  'registry collect': ['k3dui registry collect k3d-reg --untagged'],
  'registry copy': ['k3dui registry copy k3d-reg myapp:1 -c demo'],
  'settings view': ['k3dui settings view'],
  'settings path': ['k3dui settings path'],
  'settings schema': ['k3dui settings schema > k3dui.schema.json'],
  expose: ['k3dui expose demo', 'k3dui expose demo web:80 --test'],
  'config init': ['k3dui config init', 'k3dui config init -o - > cluster.yaml'],
  'config view': ['k3dui config view k3d.yaml'],
  'config migrate': ['k3dui config migrate old.yaml new.yaml', 'k3dui config migrate old.yaml > new.yaml'],
  'config schema': ['k3dui config schema > k3d.schema.json'],
  doctor: ['k3dui doctor', 'k3dui doctor demo --fix --dry-run', 'k3dui doctor -o json'],
};

/** Adds them to the help of every command below this one. */
export function addExamples(parent: Command, path = ''): void {
  for (const command of parent.commands) {
    const words = `${path} ${command.name()}`.trim();
    const lines = EXAMPLES[words];
    if (lines) command.addHelpText('after', `\nExamples:\n${lines.map(line => `  ${line}`).join('\n')}`);
    addExamples(command, words);
  }
}
